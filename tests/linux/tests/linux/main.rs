//! A real Linux and what it makes of us, a file a subject. They are one program so that as many guests as there are CPUs run at
//! any time, whatever file they belong to.

mod base;
mod big;
mod cleanup;
mod clients;
mod clock;
mod cpufreq;
mod faults;
mod hypervisor;
mod lifecycle;
mod perf_domain;
mod pinctrl;
mod power;
mod powercap;
mod raw;
mod readme;
mod regulator;
mod reset;
mod sensor;
mod smoke;
mod system_power;
mod three;
mod tshark;
mod versions;
mod views;
