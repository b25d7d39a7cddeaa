//! Where the proxy listens.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;

#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio_util::either::Either;

use super::log::LogLevel;
#[cfg(unix)]
use super::unix_socket::UnixSocket;
use crate::failure::Failure;

/// A client's connection.
#[cfg(unix)]
pub(super) type Stream = Either<TcpStream, UnixStream>;
/// A client's connection.
#[cfg(not(unix))]
pub(super) type Stream = TcpStream;

/// `ADDRESS:PORT` or `unix:PATH`.
#[derive(Clone, Debug)]
pub(super) enum ListenAddress {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
}

impl ListenAddress {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        match text.strip_prefix("unix:") {
            None => text.parse().map(Self::Tcp).map_err(|_| {
                "must be ADDRESS:PORT with an IP address, such as 127.0.0.1:8080 or [::1]:8080, or unix:PATH"
            }),
            Some("") => Err("must have a path after `unix:`"),
            #[cfg(unix)]
            Some(path) => Ok(Self::Unix(path.into())),
            #[cfg(not(unix))]
            Some(_) => Err("can be unix:PATH on Unix only"),
        }
    }
}

/// A socket that listens.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixSocket),
}

impl Listener {
    pub(super) fn bind(address: &ListenAddress) -> Result<Self, Failure> {
        match address {
            ListenAddress::Tcp(address) => {
                let fault = |error| Failure::usage(format!("--listen {address}: {error}"));
                let listener = bind_tcp(*address).map_err(fault)?;
                let bound = listener.local_addr().map_err(fault)?;
                Ok(Self::Tcp(listener, bound))
            }
            #[cfg(unix)]
            ListenAddress::Unix(path) => {
                let fault = |error| Failure::usage(format!("--listen unix:{}: {error}", path.display()));
                UnixSocket::bind(path).map(Self::Unix).map_err(fault)
            }
        }
    }

    pub(super) fn tcp_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(_, address) => Some(*address),
            #[cfg(unix)]
            Self::Unix(_) => None,
        }
    }

    /// Tells that it listens, and that others than this machine may reach it.
    pub(super) fn announce(&self, level: LogLevel) {
        match self {
            Self::Tcp(_, address) => {
                tracing::info!("listening on http://{address}");
                if !address.ip().to_canonical().is_loopback() {
                    let warning = format!(
                        "{address} is open to other machines: whoever reaches it gets requests signed"
                    );
                    tracing::warn!("{warning}");
                    if level < LogLevel::Warn {
                        eprintln!("signing: {warning}");
                    }
                }
            }
            #[cfg(unix)]
            Self::Unix(socket) => tracing::info!("listening on unix:{}", shown(socket.path())),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener, _) => listener.accept().await.map(|(stream, _)| tcp_stream(stream)),
            #[cfg(unix)]
            Self::Unix(socket) => socket.listener().accept().await.map(|(stream, _)| Either::Right(stream)),
        }
    }

    /// Stops listening. Those that have connected, and were not accepted yet, are returned.
    ///
    /// Not by the runtime, which may not have been told of them: the last question to the system comes right before
    /// the socket is closed.
    pub(super) fn into_waiting(self) -> Vec<Stream> {
        match self {
            Self::Tcp(listener, _) => listener.into_std().map_or_else(
                |_| Vec::new(),
                |listener| {
                    std::iter::from_fn(|| {
                        let (stream, _) = listener.accept().ok()?;
                        stream.set_nonblocking(true).ok()?;
                        TcpStream::from_std(stream).ok().map(tcp_stream)
                    })
                    .collect()
                },
            ),
            #[cfg(unix)]
            Self::Unix(socket) => socket.into_waiting().into_iter().map(Either::Right).collect(),
        }
    }
}

/// Binds at once, so that what is wrong is told before anything else is done.
pub(super) fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// A small answer does not wait for the acknowledgement of the one before.
fn tcp_stream(stream: TcpStream) -> Stream {
    // What fails here is a connection that is gone, as reading it will tell.
    let _ = stream.set_nodelay(true);
    #[cfg(unix)]
    let stream = Either::Left(stream);
    stream
}

fn shown(path: &Path) -> String {
    crate::terminal::visible(&path.display().to_string()).into_owned()
}
