//! How far one comes with a server before anything is asked of it: its name, its port, its certificate.
//!
//! Who only wants to know how long a certificate holds, or why a browser would not believe it, has to see it
//! also where nothing may be sent behind it. So the connection ends once it was seen.

use super::{Allow, Client, FetchError, is_public};
use chrono::{DateTime, Utc};
use futures_util::future::select_ok;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConfig, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// Addresses of a name that are tried at once.
const MOST_ADDRESSES: usize = 8;

/// What a server shows before anything is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// Where its name leads.
    pub addresses: Vec<IpAddr>,
    /// How long it took until somebody answered there.
    pub reached_in: Option<Duration>,
    /// The certificate it shows; none for `http:`, and where it shows none.
    pub certificate: Option<Certificate>,
    /// What kept us from coming further.
    pub shut: Option<Shut>,
}

/// What kept us from coming further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// The address is none we go to.
    Refused,
    /// Its name leads nowhere.
    NoAddress,
    /// Its name leads to addresses of private networks alone.
    PrivateAddress,
    /// Nobody listens there.
    NobodyThere,
    /// Nobody answered in time.
    Silent,
    /// Whoever listens there speaks no TLS that we know.
    NoTls,
}

/// A certificate as a browser judges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// From when it holds.
    pub holds_from: Option<DateTime<Utc>>,
    /// Until when.
    pub holds_until: Option<DateTime<Utc>>,
    /// Why it is not believed; none if it is.
    pub distrust: Option<Distrust>,
}

/// Why a certificate is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
    /// It is for another name.
    OtherName,
    /// Nobody browsers know has signed it, or a part of the chain is missing.
    UnknownIssuer,
    /// Something else is wrong with it.
    Malformed,
}

impl Client {
    /// Goes to the door of `url` and no further. Only addresses are reached that a call would reach.
    pub async fn knock(&self, url: &Url, allow: &Allow, deadline: Duration) -> Door {
        let until = Instant::now() + deadline;
        let shut = |shut| Door {
            shut: Some(shut),
            ..Door::default()
        };
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return shut(Shut::Refused);
        };
        let call = self.get(url.as_str()).allow(allow).plain_http(true);
        match self.way_to(url, &call) {
            Ok(_) => {}
            Err(FetchError::Refused(super::Refusal::Address)) => {
                return shut(Shut::PrivateAddress);
            }
            Err(_) => return shut(Shut::Refused),
        }
        let mut door = Door {
            addresses: addresses_of(&host, port, until).await,
            ..Door::default()
        };
        if door.addresses.is_empty() {
            return shut(Shut::NoAddress);
        }
        let is_named = allow.names(&host, port);
        let reachable: Vec<SocketAddr> = door
            .addresses
            .iter()
            .filter(|address| is_named || is_public(**address))
            .take(MOST_ADDRESSES)
            .map(|address| SocketAddr::new(*address, port))
            .collect();
        if reachable.is_empty() {
            door.shut = Some(Shut::PrivateAddress);
            return door;
        }
        let began = Instant::now();
        let connects = reachable
            .into_iter()
            .map(|address| Box::pin(TcpStream::connect(address)));
        let stream = match timeout_at(until, select_ok(connects)).await {
            Ok(Ok((stream, _))) => stream,
            Ok(Err(_)) => {
                door.shut = Some(Shut::NobodyThere);
                return door;
            }
            Err(_) => {
                door.shut = Some(Shut::Silent);
                return door;
            }
        };
        door.reached_in = Some(began.elapsed());
        if url.scheme() == "https" {
            match timeout_at(until, certificate_on(stream, &host)).await {
                Ok(Some(certificate)) => door.certificate = Some(certificate),
                Ok(None) => door.shut = Some(Shut::NoTls),
                Err(_) => door.shut = Some(Shut::Silent),
            }
        }
        door
    }
}

/// Where `host` leads; nowhere if that is not known in time.
async fn addresses_of(host: &Host<&str>, port: u16, until: Instant) -> Vec<IpAddr> {
    let found = match host {
        Host::Ipv4(ip) => return vec![(*ip).into()],
        Host::Ipv6(ip) => return vec![(*ip).into()],
        Host::Domain(name) => timeout_at(until, tokio::net::lookup_host((*name, port))).await,
    };
    let Ok(Ok(found)) = found else {
        return Vec::new();
    };
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// The certificate shown on `stream` by who calls itself `host`.
async fn certificate_on(stream: TcpStream, host: &Host<&str>) -> Option<Certificate> {
    let name = match host {
        Host::Domain(name) => ServerName::try_from((*name).to_owned()).ok()?,
        Host::Ipv4(ip) => ServerName::IpAddress(IpAddr::from(*ip).into()),
        Host::Ipv6(ip) => ServerName::IpAddress(IpAddr::from(*ip).into()),
    };
    let noting = Arc::new(Noting {
        browser: browser()?,
        seen: Mutex::default(),
    });
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&noting) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let connected = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    if let Err(error) = &connected {
        tracing::debug!(%error, "no handshake");
    }
    let mut seen = noting.seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.take()
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// What judges as a browser on this machine would; its roots are read once.
fn browser() -> Option<Arc<dyn ServerCertVerifier>> {
    static BROWSER: OnceLock<Option<Arc<rustls_platform_verifier::Verifier>>> = OnceLock::new();
    let browser =
        BROWSER.get_or_init(
            || match rustls_platform_verifier::Verifier::new(provider()) {
                Ok(verifier) => Some(Arc::new(verifier)),
                Err(error) => {
                    tracing::warn!(%error, "this machine knows no certificate authorities");
                    None
                }
            },
        );
    let browser = browser.clone()?;
    Some(browser)
}

/// Notes what a browser would say, and goes on whatever that is: nothing is sent behind it.
#[derive(Debug)]
struct Noting {
    browser: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<Certificate>>,
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.browser.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let (holds_from, holds_until) = validity(end_entity);
        let certificate = Certificate {
            holds_from,
            holds_until,
            distrust: verdict.err().map(|error| distrust(&error)),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.browser.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.browser.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.browser.supported_verify_schemes()
    }
}

/// From when until when a certificate holds. The library says so where it is asked about a time before the
/// one or after the other, and about nothing else first.
fn validity(certificate: &CertificateDer<'_>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else {
        return (None, None);
    };
    let about = |seconds: u64| {
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &RootCertStore::empty(),
            &[],
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            provider().signature_verification_algorithms.all,
        )
    };
    let moment = |time: UnixTime| {
        let seconds = i64::try_from(time.as_secs()).ok()?;
        DateTime::from_timestamp(seconds, 0)
    };
    let from = match about(0) {
        Err(rustls::Error::InvalidCertificate(CertificateError::NotValidYetContext {
            not_before,
            ..
        })) => moment(not_before),
        _ => None,
    };
    let until = match about(u64::MAX) {
        Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext {
            not_after,
            ..
        })) => moment(not_after),
        _ => None,
    };
    (from, until)
}

fn distrust(error: &rustls::Error) -> Distrust {
    use CertificateError as Why;
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            Why::Expired | Why::ExpiredContext { .. } => Distrust::Expired,
            Why::NotValidYet | Why::NotValidYetContext { .. } => Distrust::NotYet,
            Why::NotValidForName | Why::NotValidForNameContext { .. } => Distrust::OtherName,
            Why::UnknownIssuer => Distrust::UnknownIssuer,
            _ => Distrust::Malformed,
        },
        _ => Distrust::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_client::ClientOptions;
    use crate::testing::tls::{EXPIRED, TlsServer, VALID};
    use axum::Router;

    const PATIENCE: Duration = Duration::from_secs(5);

    async fn knock(url: &str) -> Door {
        let url = Url::parse(url).expect("a URL");
        let client = Client::new(ClientOptions::default()).expect("a client");
        client.knock(&url, &Allow::origin(&url), PATIENCE).await
    }

    #[tokio::test]
    async fn a_certificate_is_seen_whatever_is_wrong_with_it() {
        for (certificate, until, distrust) in [
            (EXPIRED, "2020-04-01", Distrust::Expired),
            // What nobody signed whom browsers know.
            (VALID, "2120-01-01", Distrust::UnknownIssuer),
        ] {
            let server = TlsServer::start(certificate, Router::new());
            let door = knock(&server.url("/")).await;
            assert_eq!((door.shut, door.addresses.len()), (None, 1));
            assert!(door.reached_in.is_some());
            let seen = door.certificate.expect("a certificate");
            let day = |at: Option<DateTime<Utc>>| at.expect("a time").date_naive().to_string();
            assert_eq!(day(seen.holds_from), "2020-01-01");
            assert_eq!(day(seen.holds_until), until);
            assert_eq!(seen.distrust, Some(distrust));
        }
    }

    #[tokio::test]
    async fn what_keeps_us_out_is_named() {
        let client = Client::new(ClientOptions::default()).expect("a client");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let url = Url::parse(&format!("https://127.0.0.1:{port}/")).expect("a URL");
        // Nobody allowed it.
        let door = client.knock(&url, &Allow::none(), PATIENCE).await;
        assert!(door.shut.is_some(), "{door:?}");
        // It listens, and says nothing.
        let quick = Duration::from_millis(200);
        let door = client.knock(&url, &Allow::origin(&url), quick).await;
        assert_eq!(door.shut, Some(Shut::Silent));
        assert!(door.reached_in.is_some());
        drop(listener);
        assert_eq!(knock(url.as_str()).await.shut, Some(Shut::NobodyThere));
        let nowhere = knock("https://khong-co.invalid/").await;
        assert_eq!(nowhere.shut, Some(Shut::NoAddress));
    }
}
