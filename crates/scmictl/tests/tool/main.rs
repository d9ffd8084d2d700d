//! The tool, run as its users run it.

mod common;
mod control;
mod decode;
mod decode_trace;
mod demo;
mod dt;
mod models;
mod platform;
mod verbs;
