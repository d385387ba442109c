//! A road on the loopback that can be cut: what stands between two sites when the network is bad.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// What the road does to those on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Closes every connection, those under way and those to come.
    Cut,
    /// Takes requests to their goal and closes before the answer is back.
    AnswerLost,
    /// Takes everything there and back, later.
    Slow(Duration),
}

/// A road to one site. Gone when dropped.
#[derive(Debug)]
pub struct Proxy {
    fault: watch::Sender<Fault>,
    road: AbortHandle,
}

impl Proxy {
    /// Opens a road from `at` to `goal`.
    ///
    /// # Panics
    /// When `at` is taken.
    pub async fn open(at: SocketAddr, goal: SocketAddr) -> Self {
        let listener = TcpListener::bind(at)
            .await
            .unwrap_or_else(|error| panic!("a road from {at}: {error}"));
        let fault = watch::Sender::new(Fault::None);
        let road = tokio::spawn(admit(listener, goal, fault.subscribe())).abort_handle();
        Self { fault, road }
    }

    /// Has this happen from now on, to connections under way as well.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.road.abort();
    }
}

async fn admit(listener: TcpListener, goal: SocketAddr, fault: watch::Receiver<Fault>) {
    // Dropped with this task, and all that travel with it.
    let mut travellers = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                let fault = fault.clone();
                travellers.spawn(async move {
                    // A connection that breaks is what this is for.
                    let _broken = travel(client, goal, fault).await;
                });
            }
            Some(_) = travellers.join_next() => {}
        }
    }
}

async fn travel(
    client: TcpStream,
    goal: SocketAddr,
    mut fault: watch::Receiver<Fault>,
) -> std::io::Result<()> {
    let now = *fault.borrow_and_update();
    if now == Fault::Cut {
        return Ok(());
    }
    let server = TcpStream::connect(goal).await?;
    tokio::select! {
        done = carry(client, server, now) => done,
        // Whoever is on the road when it changes is thrown off it.
        _ = fault.changed() => Ok(()),
    }
}

async fn carry(mut client: TcpStream, mut server: TcpStream, fault: Fault) -> std::io::Result<()> {
    match fault {
        Fault::None | Fault::Cut => {
            tokio::io::copy_bidirectional(&mut client, &mut server).await?;
        }
        Fault::AnswerLost => {
            let (mut from_client, _) = client.split();
            let (mut from_server, mut to_server) = server.split();
            tokio::select! {
                there = copy(&mut from_client, &mut to_server) => { there?; }
                // The first byte of an answer proves that the request arrived.
                answered = from_server.read_u8() => { answered?; }
            }
        }
        Fault::Slow(delay) => {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::try_join!(
                slowly(from_client, to_server, delay),
                slowly(from_server, to_client, delay)
            )?;
        }
    }
    Ok(())
}

async fn slowly(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    delay: Duration,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        tokio::time::sleep(delay).await;
        to.write_all(&buffer[..read]).await?;
    }
}
