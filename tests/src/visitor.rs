//! Somebody at a site's pages: keeps cookies, follows redirects, fills in forms. No script runs.

use crate::forms::{Form, Part};
use reqwest::header::{COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, ORIGIN};
use reqwest::{Method, StatusCode};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use url::{Position, Url};

const PATIENCE: Duration = Duration::from_secs(90);
const MOST_REDIRECTS: usize = 5;

/// Somebody at the pages of one site.
#[derive(Debug)]
pub struct Visitor {
    site: Url,
    at: SocketAddr,
    client: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Page {
    /// Status.
    pub status: u16,
    /// Path and query it stands at, after redirects.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: String,
}

/// A client that neither follows redirects nor goes through anything the machine has configured.
pub(crate) fn client() -> reqwest::Client {
    shared::http_client::install_crypto();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        // A server that turned a request away before it had all of it closes the connection; one that is used again
        // just then would fail for that.
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE)
        .build()
        .expect("a client")
}

impl Visitor {
    pub(crate) fn new(site: Url, at: SocketAddr) -> Self {
        Self {
            site,
            at,
            client: client(),
            cookies: Mutex::default(),
        }
    }

    /// Somebody who types in the address of a site and has no other way to it.
    ///
    /// # Panics
    /// When the address names no host.
    pub fn at(site: &Url) -> Self {
        let at = site.socket_addrs(|| None).expect("a host")[0];
        Self::new(site.clone(), at)
    }

    /// Somebody at an address that has no name.
    pub(crate) fn to(at: SocketAddr) -> Self {
        let site = Url::parse(&format!("http://{at}")).expect("an address is a URL");
        Self::new(site, at)
    }

    /// The site whose pages these are.
    pub fn site(&self) -> &Url {
        &self.site
    }

    /// Reads a page.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> Page {
        self.try_get(path)
            .await
            .unwrap_or_else(|error| panic!("GET {path} at {}: {error:?}", self.site))
    }

    /// Reads a page, or says why nobody answers.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Page> {
        self.ask(Method::GET, path, None).await
    }

    /// Reads a page with one header more.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn get_with(&self, path: &str, header: HeaderName, value: &str) -> Page {
        let value = HeaderValue::from_str(value).expect("a header");
        let request = self.request(Method::GET, path).header(header, value);
        self.answer(path, request)
            .await
            .unwrap_or_else(|error| panic!("GET {path} at {}: {error:?}", self.site))
    }

    /// Sends a form by the button with this value, or by the only button if it is empty.
    ///
    /// # Panics
    /// When the form has no such button, or nobody answers.
    pub async fn submit(&self, form: Form, button: &str) -> Page {
        self.try_submit(form, button)
            .await
            .unwrap_or_else(|error| panic!("submitting at {}: {error:?}", self.site))
    }

    /// Sends a form, or says why nobody answers.
    pub async fn try_submit(&self, form: Form, button: &str) -> reqwest::Result<Page> {
        let action = form.action.clone();
        let (media_type, body) = form.pressed(button).encode();
        self.ask(Method::POST, &action, Some((media_type, body)))
            .await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        content: Option<(String, Vec<u8>)>,
    ) -> reqwest::Result<Page> {
        let mut request = self.request(method, path);
        if let Some((media_type, body)) = content {
            request = request
                .header(reqwest::header::CONTENT_TYPE, media_type)
                .body(body);
        }
        let mut page = self.answer(path, request).await?;
        for _ in 0..MOST_REDIRECTS {
            let Some(next) = self.redirect(&page) else {
                break;
            };
            page = self.answer(&next, self.request(Method::GET, &next)).await?;
        }
        Ok(page)
    }

    /// Where a page sends us on to, if it is within the site.
    fn redirect(&self, page: &Page) -> Option<String> {
        let is_redirect = StatusCode::from_u16(page.status).is_ok_and(|s| s.is_redirection());
        let location = page.headers.get(LOCATION)?.to_str().ok()?;
        let next = self.site.join(&page.path).ok()?.join(location).ok()?;
        (is_redirect && next.origin() == self.site.origin()).then(|| path_of(&next))
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let host = &self.site[Position::BeforeHost..Position::AfterPort];
        self.client
            .request(method, format!("http://{}{path}", self.at))
            .header(HOST, host)
            .header(ORIGIN, self.site.origin().ascii_serialization())
            .header(COOKIE, self.cookies())
    }

    async fn answer(&self, path: &str, request: reqwest::RequestBuilder) -> reqwest::Result<Page> {
        let response = request.send().await?;
        let headers = response.headers().clone();
        self.keep_cookies(&headers);
        Ok(Page {
            status: response.status().as_u16(),
            path: path.to_owned(),
            headers,
            body: response.text().await?,
        })
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    /// What the site had this browser keep.
    pub fn cookie_values(&self) -> Vec<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.values().cloned().collect()
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for set in headers.get_all(reqwest::header::SET_COOKIE) {
            let text = set.to_str().unwrap_or_default();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let is_over = attributes.to_lowercase().contains("max-age=0");
            if is_over || value.is_empty() {
                cookies.remove(name.trim());
            } else {
                cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

/// Path and query.
fn path_of(url: &Url) -> String {
    url[Position::BeforePath..Position::AfterQuery].to_owned()
}

impl Page {
    /// Whether it says `text`.
    pub fn says(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// Asserts that it was found and says `text`.
    ///
    /// # Panics
    /// When it was not or does not.
    #[track_caller]
    pub fn must_say(&self, text: &str) {
        assert!(
            self.status == 200 && self.says(text),
            "{} ({}) does not say {text:?}:\n{}",
            self.path,
            self.status,
            self.body
        );
    }

    /// Itself, if it was found and says `text`; otherwise what is wrong.
    pub fn showing(self, text: &str) -> Result<Self, String> {
        match (self.status, self.says(text)) {
            (200, true) => Ok(self),
            (200, false) => Err(format!("{} does not say {text:?}", self.path)),
            (status, _) => Err(format!("{} answers {status}", self.path)),
        }
    }

    /// Itself, if it was found and does not say `text`; otherwise what is wrong.
    pub fn without(self, text: &str) -> Result<Self, String> {
        match (self.status, self.says(text)) {
            (200, false) => Ok(self),
            (200, true) => Err(format!("{} still says {text:?}", self.path)),
            (status, _) => Err(format!("{} answers {status}", self.path)),
        }
    }

    /// The form marked `data-element="name"`.
    ///
    /// # Panics
    /// When there is none.
    pub fn form(&self, name: &str) -> Form {
        Form::find(&self.body, |form| form.element == name).unwrap_or_else(|| {
            panic!(
                "{} ({}) has no form {name:?}:\n{}",
                self.path, self.status, self.body
            )
        })
    }

    /// The form that is sent to `action`.
    ///
    /// # Panics
    /// When there is none.
    pub fn form_to(&self, action: &str) -> Form {
        Form::find(&self.body, |form| form.action == action).unwrap_or_else(|| {
            panic!(
                "{} ({}) has no form for {action}:\n{}",
                self.path, self.status, self.body
            )
        })
    }

    /// The address of the link whose text is `text`.
    pub fn link(&self, text: &str) -> Option<String> {
        crate::forms::links(&self.body)
            .into_iter()
            .find(|link| link.text == text)
            .map(|link| link.href)
    }
}

/// A file to upload.
pub fn file(name: &str, media_type: &str, bytes: impl Into<Vec<u8>>) -> Part {
    Part::File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: bytes.into(),
    }
}
