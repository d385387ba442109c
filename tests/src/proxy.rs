//! A road on the loopback that can go bad in every way: what stands between two sites.

use rand::RngExt;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

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
    /// Says nothing to anybody and closes nothing: the silence of a dropped packet.
    Silent,
    /// Takes requests to their goal, and no answer back: a road in one direction.
    OneWay,
    /// Closes in good order after so many bytes of what comes back.
    Truncated(usize),
    /// Breaks off with a reset after so many bytes of what comes back.
    Reset(usize),
    /// Turns a bit of every so-many-th byte over, there and back.
    Damaged(usize),
    /// Takes everything there and back in pieces of so many bytes.
    Sliced(usize),
    /// Takes so many bytes a second in either direction.
    Narrow(usize),
    /// Answers every request by itself, with this status and a page.
    Says(u16),
    /// Writes one text in the place of another in what comes back; both have as many bytes. Who asks is not heard
    /// when it says that it could unpack the answer.
    Swaps(&'static str, &'static str),
}

impl Fault {
    /// One of the ways in which a road is bad, chosen by chance.
    pub fn any(chance: &mut impl RngExt) -> Self {
        match chance.random_range(0..10) {
            0 => Self::Cut,
            1 => Self::AnswerLost,
            2 => Self::Slow(Duration::from_millis(chance.random_range(50..2_000))),
            3 => Self::Silent,
            4 => Self::OneWay,
            5 => Self::Truncated(chance.random_range(1..900)),
            6 => Self::Reset(chance.random_range(1..900)),
            7 => Self::Damaged(chance.random_range(40..2_000)),
            8 => Self::Sliced(chance.random_range(1..40)),
            _ => Self::Narrow(chance.random_range(1_000..8_000)),
        }
    }
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
    if let Fault::Says(status) = now {
        return say(client, status).await;
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
        Fault::None | Fault::Cut | Fault::Says(_) => {
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
        // Until the road changes, which ends the journey.
        Fault::Silent => pending().await,
        Fault::OneWay => {
            let (mut from_client, _) = client.split();
            let (mut from_server, mut to_server) = server.split();
            let lost = async {
                copy(&mut from_server, &mut sink()).await?;
                pending::<std::io::Result<()>>().await
            };
            tokio::try_join!(copy(&mut from_client, &mut to_server), lost)?;
        }
        Fault::Truncated(bytes) => part_of_the_answer(&mut client, &mut server, bytes).await?,
        Fault::Reset(bytes) => {
            part_of_the_answer(&mut client, &mut server, bytes).await?;
            client.set_zero_linger()?;
            server.set_zero_linger()?;
        }
        Fault::Swaps(from, to) => {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::try_join!(
                swapping(
                    from_client,
                    to_server,
                    ("accept-encoding", "x-cept-encoding")
                ),
                swapping(from_server, to_client, (from, to))
            )?;
        }
        Fault::Slow(_) | Fault::Damaged(_) | Fault::Sliced(_) | Fault::Narrow(_) => {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::try_join!(
                badly(from_client, to_server, fault),
                badly(from_server, to_client, fault)
            )?;
        }
    }
    Ok(())
}

/// What a server in between says that cannot reach what is behind it.
async fn say(mut client: TcpStream, status: u16) -> std::io::Result<()> {
    let mut request = vec![0; 64 * 1024];
    let _some_of_it = client.read(&mut request).await?;
    let answer = format!(
        "HTTP/1.1 {status} No\r\nContent-Type: text/html\r\nContent-Length: 9\r\nConnection: close\r\n\r\n<p>no</p>"
    );
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await
}

/// Takes requests there and so many bytes back.
async fn part_of_the_answer(
    client: &mut TcpStream,
    server: &mut TcpStream,
    bytes: usize,
) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    let mut part = from_server.take(bytes as u64);
    tokio::select! {
        there = copy(&mut from_client, &mut to_server) => { there?; }
        back = copy(&mut part, &mut to_client) => { back?; }
    }
    Ok(())
}

/// Carries on with one text in the place of another, in each piece as it comes.
async fn swapping(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    (text, other): (&str, &str),
) -> std::io::Result<()> {
    assert_eq!(
        text.len(),
        other.len(),
        "or lengths that were said are wrong"
    );
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let piece = &mut buffer[..read];
        let mut place = 0;
        while place + text.len() <= piece.len() {
            if piece[place..].starts_with(text.as_bytes()) {
                piece[place..place + text.len()].copy_from_slice(other.as_bytes());
            }
            place += 1;
        }
        to.write_all(piece).await?;
    }
}

async fn badly(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    fault: Fault,
) -> std::io::Result<()> {
    let size = match fault {
        Fault::Sliced(bytes) => bytes,
        // A fifth of a second's worth.
        Fault::Narrow(bytes) => bytes.div_ceil(5),
        _ => 16 * 1024,
    };
    let mut buffer = vec![0; size];
    let mut carried: usize = 0;
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let piece = &mut buffer[..read];
        match fault {
            Fault::Slow(delay) => sleep(delay).await,
            Fault::Narrow(_) => sleep(Duration::from_millis(200)).await,
            Fault::Damaged(every) => {
                for (place, byte) in piece.iter_mut().enumerate() {
                    let place = carried + place;
                    if place % every == every - 1 {
                        *byte ^= 1 << (place % 8);
                    }
                }
            }
            _ => {}
        }
        carried += read;
        to.write_all(piece).await?;
    }
}
