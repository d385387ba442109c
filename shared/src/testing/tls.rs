//! A server that speaks TLS with a certificate nobody signed but itself.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tower::ServiceExt;

/// For `localhost` and `127.0.0.1`, from 2020 to 2120.
pub const VALID: &str = "-----BEGIN CERTIFICATE-----
MIIBLzCB4qADAgECAgECMAUGAytlcDAaMRgwFgYDVQQDDA9tYXktY2h1LmV4YW1wbGUwIBcNMjAw
MTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBoxGDAWBgNVBAMMD21heS1jaHUuZXhhbXBsZTAq
MAUGAytlcAMhAEezQKzoBBAEHf6gsKAt8OqQTsjfpM8WuztC9ZiXjH/0o0swSTAaBgNVHREEEzAR
gglsb2NhbGhvc3SHBH8AAAEwDAYDVR0TAQH/BAIwADAdBgNVHQ4EFgQUO/3ZcmDlur3Gc47SaLdZ
cUEheI0wBQYDK2VwA0EArLKiGHBas+XIdL4iH5Zj/ACoOSWiz1F8H21ukTFbmkpSB/Epo5Hhwvm
HxzR8xhBsscWD9U5Q40bjUM14I8gYBA==
-----END CERTIFICATE-----
";

/// The same, over since 1 April 2020.
pub const EXPIRED: &str = "-----BEGIN CERTIFICATE-----
MIIBLTCB4KADAgECAgEBMAUGAytlcDAaMRgwFgYDVQQDDA9tYXktY2h1LmV4YW1wbGUwHhcNMjAw
MTAxMDAwMDAwWhcNMjAwNDAxMDAwMDAwWjAaMRgwFgYDVQQDDA9tYXktY2h1LmV4YW1wbGUwKjAF
BgMrZXADIQBHs0Cs6AQQBB3+oLCgLfDqkE7I36TPFrs7QvWYl4x/9KNLMEkwGgYDVR0RBBMwEYIJ
bG9jYWxob3N0hwR/AAABMAwGA1UdEwEB/wQCMAAwHQYDVR0OBBYEFDv92XJg5bq9xnOO0mi3WXFB
IXiNMAUGAytlcANBACil7SEhoI13m6TfUOAvxVM3M+W2daBFHBf1liJwvMTp0eXj9GVS0aNMEQlw
ePee/JCzHEX7MLng7hBN24wtegw=
-----END CERTIFICATE-----
";

/// The key of both, made for nothing but these tests.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINWj8PMIhtckzY2KSfq7mFnM04xeIVTsCXfxkwBlB5Nm
-----END PRIVATE KEY-----
";

/// A server on the loopback that goes with its value.
pub struct TlsServer {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl TlsServer {
    /// Serves `router` with `certificate`.
    pub fn start(certificate: &str, router: Router) -> Self {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.expect("a certificate")], key)
            .expect("they belong together");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("it is a socket");
        let address = listener.local_addr().expect("an address");
        let listener = TcpListener::from_std(listener).expect("a runtime");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, router) = (acceptor.clone(), router.clone());
                tokio::spawn(async move {
                    // Who only looks at the certificate goes away at once.
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let service = service_fn(move |request: Request<Incoming>| {
                        router.clone().oneshot(request.map(Body::new))
                    });
                    // Err: the other side broke off, which is its own affair.
                    let _served = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, task }
    }

    /// The address of `path`.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
