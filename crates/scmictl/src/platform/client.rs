//! A client of the control interface: one request a connection.

use core::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use scmid::control::{Address, Problem, ReasonState};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::{self, Runtime};
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::{Failure, Kind};

/// How long the daemon may take to answer; its own limit is shorter.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes of a name that stand in a path as they are.
const PLAIN: &[u8] = b"-._~";

/// Somebody who asks a daemon.
#[derive(Debug)]
pub(super) struct Client<'a> {
    address: &'a Address,
    runtime: Runtime,
}

/// What is taken line by line; it says whether there shall be more.
pub(super) type Taking<'t> = dyn FnMut(&str) -> Result<bool, Failure> + 't;

impl<'a> Client<'a> {
    pub(super) fn new(address: Option<&'a Address>) -> Result<Self, Failure> {
        let address = address.ok_or_else(|| {
            Failure::new(
                Kind::Usage,
                "--control is missing: where scmid serves its control interface",
            )
        })?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Failure::because(Kind::Connection, "no connection", &error))?;
        Ok(Self { address, runtime })
    }

    /// Asks for a text.
    pub(super) fn text(&self, path: &str) -> Result<String, Failure> {
        self.ask(Method::GET, path, Bytes::new())
    }

    /// Asks for what a path tells.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        understood(&self.ask(Method::GET, path, Bytes::new())?)
    }

    /// Has something done.
    pub(super) fn act<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        what: &impl Serialize,
    ) -> Result<T, Failure> {
        let body = serde_json::to_vec(what)
            .map_err(|error| Failure::because(Kind::Usage, "cannot be asked for", &error))?;
        understood(&self.ask(method, path, body.into())?)
    }

    /// Has something done of which there is no more to say.
    pub(super) fn post<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        understood(&self.ask(Method::POST, path, Bytes::new())?)
    }

    /// Has something taken back.
    pub(super) fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        understood(&self.ask(Method::DELETE, path, Bytes::new())?)
    }

    /// Takes lines until there shall be no more of them, or the time is over.
    pub(super) fn follow(
        &self,
        path: &str,
        span: Option<Duration>,
        take: &mut Taking<'_>,
    ) -> Result<(), Failure> {
        self.runtime.block_on(async {
            let end = span.map(|span| Instant::now() + span);
            let mut response = self.within(self.send(Method::GET, path, Bytes::new())).await?;
            let mut waiting = Vec::new();
            loop {
                let frame = response.body_mut().frame();
                let frame = match end {
                    None => frame.await,
                    Some(end) => match timeout_at(end, frame).await {
                        Ok(frame) => frame,
                        Err(_) => return Ok(()),
                    },
                };
                let frame = frame.ok_or_else(|| self.lost("it has ended"))?;
                let frame = frame.map_err(|error| self.lost(error))?;
                waiting.extend_from_slice(&frame.into_data().unwrap_or_default());
                while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = waiting.drain(..=end).collect();
                    if !take(String::from_utf8_lossy(&line).trim_end())? {
                        return Ok(());
                    }
                }
            }
        })
    }

    fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<String, Failure> {
        self.runtime.block_on(self.within(async {
            let response = self.send(method, path, body).await?;
            let body = response.into_body().collect().await.map_err(|error| self.lost(error))?;
            let text = String::from_utf8(body.to_bytes().into());
            text.map_err(|error| Failure::because(Kind::Platform, "the answer is no text", &error))
        }))
    }

    async fn within<T>(
        &self,
        doing: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let late =
            |_| Failure::new(Kind::Platform, format_args!("{} does not answer", self.address));
        timeout(PATIENCE, doing).await.map_err(late)?
    }

    /// Sends a request; what comes back was not refused.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>, Failure> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, "scmid");
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| Failure::because(Kind::Usage, "cannot be asked for", &error))?;
        let unreachable = |error: std::io::Error| {
            let what = format_args!("no connection to {}", self.address);
            Failure::because(Kind::Connection, what, &error)
        };
        let response = match self.address {
            Address::Unix(path) => {
                exchange(UnixStream::connect(path).await.map_err(unreachable)?, request).await
            }
            Address::Loopback(at) => {
                exchange(TcpStream::connect(at).await.map_err(unreachable)?, request).await
            }
            _ => return Err(Failure::new(Kind::Usage, "this address is of no known kind")),
        };
        let response = response.map_err(|error| self.lost(error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.into_body().collect().await.map_err(|error| self.lost(error))?;
        Err(refused(status, &body.to_bytes()))
    }

    fn lost(&self, why: impl core::fmt::Display) -> Failure {
        Failure::new(Kind::Connection, format_args!("lost {}: {why}", self.address))
    }
}

async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the response's body; what goes wrong comes out there.
    tokio::spawn(connection);
    sender.send_request(request).await
}

fn understood<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::because(Kind::Platform, "the answer is not understood", &error))
}

fn refused(status: StatusCode, body: &[u8]) -> Failure {
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
        return Failure::new(Kind::Platform, format_args!("refused with {status}"));
    };
    if let Some(report) = problem.reload.report {
        // It is written for people, over several lines.
        return Failure::verbatim(Kind::Platform, report);
    }
    let mut text = problem.error;
    for ReasonState { change, why, .. } in problem.reload.reasons.unwrap_or_default() {
        text.push_str(&format!("\n{}: {}: {why}", change.at, change.text));
    }
    for (before, part) in
        [(": ", problem.field), (": found ", problem.found), (", expected ", problem.expected)]
    {
        if let Some(part) = part {
            text.push_str(before);
            text.push_str(&part);
        }
    }
    Failure::new(Kind::Platform, text)
}

/// A name as a part of a path.
pub(super) fn escaped(name: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    name.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(escaped("vdd-cpu_1.~"), "vdd-cpu_1.~");
        assert_eq!(escaped("a/b c?°"), "a%2Fb%20c%3F%C2%B0");
    }
}
