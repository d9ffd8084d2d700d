//! The thread of the control interface: who is let in, how many, and for how long.

use core::time::Duration;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use scmi_vhost::backend::{BindError, Socket};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net;
use tokio::runtime::{self, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::address::Address;
use super::desk::Desk;
use super::document::front;
use super::problem::Problem;
use super::stream::Pressed;
use super::{routes, watch};
use crate::daemon::Daemon;

/// Clients at once; others wait to be accepted.
const MAX_CONNECTIONS: usize = 32;

/// Most bytes of a request's body.
pub(super) const MAX_BODY: usize = 16 << 10;

/// Most bytes of a request's head.
const MAX_HEAD: usize = 16 << 10;

/// How long a client may take to send a request's head, and how long it may say nothing between requests.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long a request may take once its head is there, its body included.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// How long a client may not read what is written to it.
const WRITE_TIME: Duration = Duration::from_secs(10);

/// How long not to accept after that failed, for want of file descriptors for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The control interface, served by a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Control {
    address: Address,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Kept for its name, which goes with it.
    _socket: Option<Socket>,
}

/// Why there is no control interface.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// Its socket cannot be had.
    #[error("no control socket")]
    Socket(#[from] BindError),
    /// Its port cannot be had.
    #[error("no control port at {address}")]
    Port {
        /// Where it should be.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// The system refuses what a thread needs.
    #[error("no thread for the control interface")]
    Thread(#[source] io::Error),
}

impl Control {
    /// Serves from now on. What clients see and steer is `daemon`.
    ///
    /// # Errors
    /// [`ControlError`]; no socket is left behind then.
    pub fn start(daemon: &Arc<Daemon>, address: &Address) -> Result<Self, ControlError> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(ControlError::Thread)?;
        let (listener, socket, address) = listen(&runtime, address)?;
        let desk = Arc::new(Desk::new(Arc::clone(daemon)));
        // The daemon keeps these, and would never end if it kept itself by them. What agents are called never changes.
        let (board, events) = (daemon.board(), Arc::clone(&desk.events));
        daemon.witness(move |event| watch::tell_system(&board, &events, event));
        let events = Arc::clone(&desk.events);
        daemon.witness_reloads(move |result| watch::tell_reload(&events, result));
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("control".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(&listener, router(&desk)) => {}
                    () = watch::watch(Arc::clone(&desk)) => {}
                    _ = stopped => {}
                }
            });
            // Connections end with the runtime, whatever they are at.
        });
        let thread = thread.map_err(ControlError::Thread)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread), _socket: socket })
    }

    /// Where it listens, the port that was chosen included.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Either may have ended by itself.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _panicked = self.thread.take().map(JoinHandle::join);
    }
}

/// Somebody who listens.
#[derive(Debug)]
enum Listener {
    Unix(net::UnixListener),
    Tcp(net::TcpListener),
}

fn listen(
    runtime: &Runtime,
    address: &Address,
) -> Result<(Listener, Option<Socket>, Address), ControlError> {
    let _runtime = runtime.enter();
    match address {
        Address::Unix(path) => {
            let socket = Socket::bind_private(path)?;
            let system = |source| BindError::System { path: path.clone(), source };
            let listener = socket.listener().try_clone().map_err(system)?;
            let listener = net::UnixListener::from_std(listener).map_err(system)?;
            Ok((Listener::Unix(listener), Some(socket), address.clone()))
        }
        Address::Loopback(port) => {
            let system = |source| ControlError::Port { address: address.clone(), source };
            let listener = TcpListener::bind(port).map_err(system)?;
            listener.set_nonblocking(true).map_err(system)?;
            let bound = Address::Loopback(listener.local_addr().map_err(system)?);
            let listener = net::TcpListener::from_std(listener).map_err(system)?;
            Ok((Listener::Tcp(listener), None, bound))
        }
    }
}

/// Lets clients in, for ever.
async fn accept(listener: &Listener, router: Router) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // Nobody closes it.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = match listener {
            Listener::Unix(listener) => {
                listener.accept().await.map(|(stream, _)| connection(stream, &router))
            }
            Listener::Tcp(listener) => {
                listener.accept().await.map(|(stream, _)| connection(stream, &router))
            }
        };
        match accepted {
            Ok(connection) => {
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "control: cannot accept a client, will try again");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves a client until it leaves.
fn connection<S>(stream: S, router: &Router) -> core::pin::Pin<Box<dyn Future<Output = ()> + Send>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = TowerToHyperService::new(router.clone());
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(Pressed::new(stream, WRITE_TIME)), service);
    Box::pin(async move {
        if let Err(error) = connection.await {
            // What a client does wrong is its own business.
            tracing::debug!(%error, "control: a connection ended");
        }
    })
}

fn router(desk: &Arc<Desk>) -> Router {
    let (router, _) = routes::all(front()).split_for_parts();
    router
        .fallback(nothing_here)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(guard))
        .with_state(Arc::clone(desk))
}

/// What holds for each request.
async fn guard(request: Request, next: Next) -> Response {
    if let Some(query) = request.uri().query() {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "nothing here has a query");
        return problem.field("query").found(query).expected("no query").into_response();
    }
    match timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "the request takes too long");
            problem.expected(format!("all of it within {REQUEST_TIME:?}")).into_response()
        }
    }
}

async fn nothing_here(request: Request) -> Problem {
    let problem = Problem::new(StatusCode::NOT_FOUND, "there is nothing at this path");
    problem.field("path").found(request.uri().path()).expected("a path of GET /openapi.json")
}

async fn no_such_method(request: Request) -> Problem {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let problem = Problem::new(status, "this path does not have this method");
    problem
        .field("method")
        .found(request.method().as_str())
        .expected("a method of GET /openapi.json, also in the header Allow")
}
