//! Who acts, and from where.

use crate::accounts::{account, session};
use crate::server::{ClientIp, ClientPort};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use uuid::Uuid;

/// Where a request came from: the client's address and source port, as far as they are known. Behind
/// a proxy the port is known only if the proxy says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connection {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The port it came from.
    pub port: Option<u16>,
}

impl Connection {
    /// Of the request with `parts`.
    pub fn of(parts: &Parts) -> Self {
        Self {
            address: parts.extensions.get::<ClientIp>().map(|ip| ip.0),
            port: parts.extensions.get::<ClientPort>().map(|port| port.0),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Connection {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// Which session it was, without saying how to use it: the beginning of the digest of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(u32);

impl SessionId {
    /// Of a stored session.
    pub fn of(session: &session::Model) -> Self {
        let first = session.token_hash.iter().take(4);
        Self(first.fold(0, |id, byte| id << 8 | u32::from(*byte)))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is signed in.
    Person {
        /// The account.
        account: Uuid,
        /// What it signs in as.
        login: String,
        /// The session; none while it is only beginning.
        session: Option<SessionId>,
        /// From where.
        connection: Connection,
    },
    /// Somebody who is not.
    Visitor(Connection),
    /// Whoever may run commands on the machine.
    CommandLine,
    /// The program itself, by its own rules.
    System,
}

impl Actor {
    /// The owner of `account`, in `session`.
    pub fn person(
        account: &account::Model,
        session: Option<&session::Model>,
        connection: Connection,
    ) -> Self {
        Self::Person {
            account: account.id,
            login: account.login.clone(),
            session: session.map(SessionId::of),
            connection,
        }
    }

    /// What it is called where only a name is kept.
    pub fn name(&self) -> &str {
        match self {
            Self::Person { login, .. } => login,
            Self::CommandLine => "dòng lệnh",
            Self::Visitor(_) | Self::System => in_words(self.as_str()),
        }
    }

    /// From where; nowhere for those who are at the machine.
    pub fn connection(&self) -> Connection {
        match self {
            Self::Person { connection, .. } | Self::Visitor(connection) => *connection,
            Self::CommandLine | Self::System => Connection::default(),
        }
    }

    /// Its kind, by name in the database.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::Visitor(_) => "visitor",
            Self::CommandLine => "command_line",
            Self::System => "system",
        }
    }
}

/// A kind of actor without a login, as people read it.
pub fn in_words(kind: &str) -> &'static str {
    match kind {
        "command_line" => "Dòng lệnh trên máy chủ",
        "system" => "Hệ thống",
        "visitor" => "Chưa đăng nhập",
        _ => "Không rõ",
    }
}
