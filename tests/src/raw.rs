//! Bytes on a connection: what no client of good manners would send.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// How much of an answer is kept.
const KEPT: u64 = 256 * 1024;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An answer of HTTP: its status, and all of it.
    Answer(u16, String),
    /// The connection was closed without a word.
    Closed,
    /// Nothing, for as long as anybody would wait.
    Silence,
}

impl Heard {
    /// The status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(status, _) => Some(*status),
            Self::Closed | Self::Silence => None,
        }
    }
}

/// Sends `bytes` to `to` and hears what comes back until the connection ends.
pub async fn say(to: SocketAddr, bytes: &[u8]) -> Heard {
    match TcpStream::connect(to).await {
        Ok(connection) => hear(connection, bytes).await,
        Err(_) => Heard::Closed,
    }
}

/// [`say`] from an address of its own.
pub async fn say_from(from: IpAddr, to: SocketAddr, bytes: &[u8]) -> Heard {
    match connect_from(from, to).await {
        Ok(connection) => hear(connection, bytes).await,
        Err(_) => Heard::Closed,
    }
}

async fn connect_from(from: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

async fn hear(mut connection: TcpStream, bytes: &[u8]) -> Heard {
    let mut answer = Vec::new();
    let exchange = async {
        // Whoever is refused early may not be listened to until the end.
        let _refused = connection.write_all(bytes).await;
        // A reset after the answer takes nothing away from what was read.
        let _reset = (&mut connection).take(KEPT).read_to_end(&mut answer).await;
    };
    match timeout(PATIENCE, exchange).await {
        // An answer is one even if the other side still hopes for the rest of ours.
        Err(_) if answer.is_empty() => Heard::Silence,
        _ => read(&answer),
    }
}

fn read(answer: &[u8]) -> Heard {
    let text = String::from_utf8_lossy(answer).into_owned();
    let status = text
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok());
    match status {
        Some(status) => Heard::Answer(status, text),
        None => Heard::Closed,
    }
}

/// Lets this process open as many connections as the machine lets it.
pub fn take_all_descriptors() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Err: then there are as many as there were.
    let _refused = setrlimit(Resource::Nofile, limit);
}
