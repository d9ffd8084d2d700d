//! `scmid`: an SCMI platform for the guests of a VMM.

mod arguments;
mod check;
mod log;
mod orders;
mod trace_file;

use core::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use clap::{CommandFactory, Parser};
use scmi_board::{Board, BoardFile};
use scmid::control::{Address, Control};
use scmid::sandbox::{Needs, Sandbox, SandboxMode};
use scmid::{Daemon, Helper, StartError, manual};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;

use arguments::{Arguments, Exit};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => Exit::Clean.into(),
        Err((exit, message)) => {
            // If nobody reads it, the exit code still says it.
            let _ = writeln!(io::stderr(), "{message}");
            exit.into()
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), (Exit, String)> {
    if arguments.run_requests {
        return scmid::help().map_err(|error| (Exit::Failed, said(&error)));
    }
    if arguments.man || arguments.completions.is_some() {
        return describe(arguments).map_err(|error| (Exit::Failed, said(&error)));
    }
    log::start(&arguments.log).map_err(|error| (Exit::Usage, said(error.as_ref())))?;
    let Some(path) = &arguments.board else {
        // If nobody reads it, the exit code still says it.
        let _ = io::stdout().write_all(scmi_board::schema().as_bytes());
        return Ok(());
    };
    let file = BoardFile::load(path).map_err(|error| match error.report() {
        // A report is written for people, over several lines.
        Some(report) => (Exit::Board, report.to_string()),
        None => (Exit::Board, said(&error)),
    })?;
    let Some(directory) = arguments.socket_dir.as_ref().filter(|_| !arguments.check) else {
        let board = file.board();
        let state = arguments.state.as_ref().map(|state| Daemon::check_state(board, state));
        let state = state.transpose().map_err(not_started)?;
        let summary = check::Summary { board, path, state: state.as_deref() };
        // If nobody reads it, the exit code still says it.
        let _ = write!(io::stdout(), "{summary}");
        return Ok(());
    };
    let failed = |error: &dyn Error| (Exit::Failed, said(error));
    // Before there is a sandbox, in which no program can be started.
    let helper = match arguments.sandbox {
        SandboxMode::Off => None,
        _ => Helper::start(file.board(), &["--run-requests"]).map_err(|error| failed(&error))?,
    };
    // Before signals wait: opening a FIFO may take for ever, and a signal should end that.
    let trace = arguments.trace.as_deref().map(trace_file::open).transpose();
    let trace = trace.map_err(|error| (Exit::Failed, said(&error)))?;
    let sandbox =
        Sandbox::files(arguments.sandbox, needs(arguments, file.board(), path, directory));
    let sandbox = sandbox.map_err(|error| failed(&error))?;
    // From here on a signal waits until there is somebody who knows what to do.
    let mine = [SIGHUP, SIGINT, SIGTERM, SIGUSR1].into_iter();
    let signals = Signals::new(mine.chain(orders::signals()));
    let signals = signals.map_err(|error| (Exit::Failed, said(&error)))?;
    let state = arguments.state.as_deref();
    let mut daemon = Daemon::bind_apart(&file, directory, state, helper).map_err(not_started)?;
    let granted = sandbox.granted().clone();
    daemon.confine(move |need, path| granted.allows(need, path));
    if let Some(file) = trace {
        let started = daemon.trace(file, arguments.trace_limit);
        started.map_err(|error| (Exit::Failed, said(&error)))?;
    }
    let daemon = Arc::new(daemon);
    let control = arguments.control.as_ref().map(|address| control(&daemon, address));
    let control = control.transpose()?;
    sandbox.calls().map_err(|error| failed(&error))?;
    for (agent, path) in daemon.sockets() {
        tracing::info!("agent {agent} on {}", path.display());
    }
    let faults = file.board().faults.len();
    if faults > 0 {
        tracing::warn!("the board says to misbehave on purpose, by {faults} rules");
    }
    tracing::info!("ready, {} agents", daemon.sockets().count());
    let result = serve(&daemon, signals);
    drop(control);
    daemon.log_reports();
    result.map_err(|error| (Exit::Failed, said(&error)))
}

fn not_started(error: StartError) -> (Exit, String) {
    let exit = match error {
        StartError::Socket { .. } => Exit::Socket,
        StartError::State(_) => Exit::State,
        _ => Exit::Failed,
    };
    (exit, said(&error))
}

/// What the sandbox must let through.
fn needs(arguments: &Arguments, board: &Board, file: &Path, directory: &Path) -> Needs {
    let needs = Needs::of(board).file(file).sockets(directory);
    let needs = match &arguments.control {
        Some(address) => needs.control(address),
        None => needs,
    };
    match &arguments.state {
        Some(state) => needs.replaced(state),
        None => needs,
    }
}

/// Serves the control interface, and says where.
fn control(daemon: &Arc<Daemon>, address: &Address) -> Result<Control, (Exit, String)> {
    let control = Control::start(daemon, address);
    let control = control.map_err(|error| (Exit::Socket, said(&error)))?;
    tracing::info!("control on {}", control.address());
    if matches!(control.address(), Address::Loopback(_)) {
        tracing::warn!(
            "anybody on this machine can see and steer the platform through its control port"
        );
    }
    Ok(control)
}

/// Serves until a signal ends it.
fn serve(daemon: &Daemon, mut signals: Signals) -> Result<(), scmid::RunError> {
    let handle = signals.handle();
    thread::scope(|scope| {
        scope.spawn(|| {
            for signal in signals.forever() {
                if signal == SIGUSR1 {
                    daemon.log_reports();
                    continue;
                }
                if signal == SIGHUP {
                    // What comes of it is in the log.
                    let _ = daemon.reload();
                    continue;
                }
                if let Some(order) = orders::order(signal, &daemon.board()) {
                    if let Err(error) = daemon.order(order) {
                        tracing::error!("the order of signal {signal} is not given: {error}");
                    }
                    continue;
                }
                tracing::info!("ending by signal {signal}");
                daemon.stop_handle().stop();
                return;
            }
        });
        let result = daemon.run();
        handle.close();
        result
    })
}

/// Prints the manual page, or what a shell completes by.
fn describe(arguments: &Arguments) -> io::Result<()> {
    let (command, mut out) = (Arguments::command(), io::stdout().lock());
    let written = match arguments.completions {
        Some(shell) => manual::completions(command, shell, &mut out),
        None => manual::pages(command, "8")?.iter().try_for_each(|(_, page)| out.write_all(page)),
    };
    match written {
        // Whoever reads it has seen enough.
        Err(closed) if closed.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// An error with the reasons behind it, in one line.
fn said(error: &dyn Error) -> String {
    let mut text = format!("scmid: {error}");
    let mut reason = error.source();
    while let Some(error) = reason {
        text.push_str(&format!(": {error}"));
        reason = error.source();
    }
    text
}
