//! A listener that slow, idle or hostile clients cannot hold.
//!
//! `axum::serve` sets no timer, so a client that dribbles its headers keeps its socket for
//! ever; and its listener's backlog of 128 overflows at the first rush. Hence our own loop on
//! hyper's HTTP/1 connection: [`listen`], [`harden`] the router, [`serve`] until [`Shutdown`].

mod door;
mod harden;
mod headers;
mod hosts;
mod per_address;
mod shutdown;
mod unread;
mod watched;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

pub use door::Place;
pub use harden::{ClientIp, ClientPort, HardenOptions, RequestId, harden};
pub use per_address::one_client;
pub use shutdown::Shutdown;

use per_address::{PerAddress, Seat};
use watched::Watched;

/// Connections waiting to be accepted; Linux caps it at `net.core.somaxconn` (4096).
const BACKLOG: u32 = 4096;

/// How long to rest when the machine has no file descriptor or memory for one more client.
const ACCEPT_REST: Duration = Duration::from_millis(500);

/// Connections one peer may hold to each further site of a process: the hub has one under way per lane, and others
/// for letters, media and looking at pages.
const PER_FURTHER_SITE: u32 = 8;

/// hyper panics below this size of read buffer.
const SMALLEST_BUFFER: usize = 8192;

/// What one listener's clients may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections open at once; more wait in the backlog. Default 4096. How many of their requests are
    /// worked on at once is [`HardenOptions::places`].
    pub connections: u32,
    /// Connections from one address (IPv6: one /64) at once; more are closed at once.
    /// Default 256: whole communes sit behind one address of their mobile operator.
    pub connections_per_address: u32,
    /// Networks not counted per address: the reverse proxies in front of us. Default none.
    pub proxies: Vec<IpNet>,
    /// For the whole head of a request, counted from when it may begin: it bounds dribbled
    /// headers, clients that say nothing and idle keep-alive alike. Default 10 s.
    pub header_timeout: Duration,
    /// Without the client taking a single byte of the answer. Default 30 s.
    pub write_timeout: Duration,
    /// For a connection in all, then it is closed after the request under way. Default 10 min.
    pub connection_age: Duration,
    /// For the request under way once a connection is to end. Default 20 s.
    pub drain: Duration,
    /// For the head of a request in bytes; more is answered 431. Default 32 KiB.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 256,
            proxies: Vec::new(),
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            connection_age: Duration::from_secs(600),
            drain: Duration::from_secs(20),
            header_bytes: 32 * 1024,
        }
    }
}

impl Limits {
    /// For a listener that serves `sites` sites behind `proxies`: the hub comes to each of them from one
    /// address, so that what an address may hold grows with them, up to half of all.
    pub fn for_sites(sites: usize, proxies: &[IpNet]) -> Self {
        let limits = Self::default();
        let further = u32::try_from(sites.saturating_sub(1)).unwrap_or(u32::MAX);
        Self {
            connections_per_address: limits
                .connections_per_address
                .saturating_add(further.saturating_mul(PER_FURTHER_SITE))
                .min(limits.connections / 2),
            proxies: proxies.to_vec(),
            ..limits
        }
    }
}

/// Listens on `addr` with a backlog that survives a rush; port 0 takes a free one.
pub fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = match addr {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

/// Serves `router` until `shutdown`, then lets requests under way finish within `limits.drain`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: Shutdown,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections as usize));
    let addresses = PerAddress::new(limits.connections_per_address, limits.proxies.clone());
    let connections = limits.connections;
    let host = Arc::new(Host {
        router,
        limits,
        shutdown: shutdown.clone(),
    });

    let accept_all = async {
        loop {
            let place = places
                .clone()
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            let (stream, peer) = accept(&listener).await;
            match addresses.admit(peer.ip()) {
                Some(seat) => {
                    tokio::spawn(host.clone().attend(stream, peer, place, seat));
                }
                None => {
                    metrics::counter!("http_connections_refused_total").increment(1);
                    tracing::debug!(client = %peer, "too many connections from one address");
                }
            }
        }
    };
    tokio::select! {
        () = accept_all => {}
        () = shutdown.wait() => {}
    }
    drop(listener);
    // Each connection holds one place and ends within the drain time.
    let _all = places.acquire_many(connections).await;
    Ok(())
}

/// The next client, however long the machine needs to be able to take one.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_about_one_client(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: the client stays in the backlog, so that
                // trying again at once would only burn a core.
                metrics::counter!("http_accept_errors_total").increment(1);
                tracing::error!(%error, "cannot accept connections for now");
                sleep(ACCEPT_REST).await;
            }
        }
    }
}

/// The client left before it was accepted; the next one may be fine.
fn is_about_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// What every connection of one listener shares.
struct Host {
    router: Router,
    limits: Limits,
    shutdown: Shutdown,
}

impl Host {
    /// Serves one connection from its first byte to its end.
    async fn attend(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        _place: OwnedSemaphorePermit,
        _seat: Seat,
    ) {
        // Answers are written in one go; waiting to merge small packets only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, client = %peer, "cannot set TCP_NODELAY");
        }
        let has_spoken = Arc::new(AtomicBool::new(false));
        let stream = Watched::new(stream, self.limits.write_timeout, has_spoken.clone());
        let router = self.router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_buf_size(self.limits.header_bytes.max(SMALLEST_BUFFER))
            // The buffer alone may overshoot by one read.
            .max_header_size(self.limits.header_bytes)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);

        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = self.shutdown.wait() => None,
            () = sleep(self.limits.connection_age) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            // hyper would wait for a first request from a client that never began one.
            None if !has_spoken.load(Ordering::Acquire) => return,
            None => {
                connection.as_mut().graceful_shutdown();
                match timeout(self.limits.drain, connection).await {
                    Ok(ended) => ended,
                    Err(_) => {
                        tracing::debug!(client = %peer, "connection cut at the end of its time");
                        return;
                    }
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, client = %peer, "connection ended early");
        }
    }
}

#[cfg(test)]
mod tests;
