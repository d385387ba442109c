//! A real provider of single sign-on: panva's oidc-provider, which others certified, in a process of
//! its own. What it needs is in `tests/openid`, brought by `tests/run`.

use crate::network::Network;
use crate::service::{Said, Service};
use crate::{Visitor, forms::Form};
use std::path::Path;
use url::{Position, Url};

/// A provider that runs until it is dropped. Whoever types a name at its form is that person.
#[derive(Debug)]
pub struct SignOn {
    _service: Service,
    /// What it calls itself.
    pub issuer: Url,
    _said: Said,
    _network: Network,
}

impl SignOn {
    /// The name it knows the one site by.
    pub const CLIENT: &str = "kon-braih";
    /// The secret it shares with it.
    pub const SECRET: &str = "a-secret-that-is-long-enough-for-a-test";

    /// Whether the machine has what it takes.
    pub fn is_there() -> bool {
        Service::is_there("openid", "oidc-provider")
    }

    /// Starts it for the site at `site`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(site: &Url) -> Self {
        let network = Network::take();
        let issuer = network.host().base_url();
        let origin = issuer.origin().ascii_serialization();
        let back = site
            .join("/quan-tri/dang-nhap/mot-lan/tra-ve")
            .expect("a path");
        let home = site.join("/quan-tri/dang-nhap").expect("a path");
        let arguments = [
            &origin,
            Self::CLIENT,
            Self::SECRET,
            back.as_str(),
            home.as_str(),
        ];
        let (service, said) = Service::start("openid", "provider.mjs", arguments);
        Self {
            _service: service,
            issuer,
            _said: said,
            _network: network,
        }
    }

    /// What the site's settings say of it.
    pub fn settings(&self, secret_file: &Path) -> String {
        let origin = self.issuer.origin().ascii_serialization();
        let host = &self.issuer[Position::BeforeHost..Position::AfterPort];
        format!(
            "\n[accounts.openid]\nissuer = {origin:?}\nclient_id = {:?}\nclient_secret_file = {:?}\n\
             label = \"Tài khoản của tỉnh\"\nallow = [{host:?}]\n",
            Self::CLIENT,
            secret_file.display().to_string(),
        )
    }

    /// Signs in as `who`, having been sent to `url`; where the browser is sent in the end.
    pub async fn signs_in(&self, browser: &Visitor, url: &str, who: &str) -> String {
        let mut page = browser.get(&path_of(url)).await;
        for _ in 0..4 {
            let location = page.headers.get("location");
            if let Some(location) = location.and_then(|location| location.to_str().ok()) {
                return location.to_owned();
            }
            let form = Form::find(&page.body, |_| true);
            let mut form = form.unwrap_or_else(|| panic!("no form: {}", page.body));
            form.action = path_of(&form.action);
            let form = match form.value("login") {
                Some(_) => form.with("login", who).with("password", "x"),
                None => form,
            };
            page = browser.submit(form, "").await;
        }
        panic!("the provider does not come to an end: {}", page.body);
    }

    /// Somebody at its pages.
    pub fn visitor(&self) -> Visitor {
        Visitor::at(&self.issuer)
    }
}

/// Path and query of an address, absolute or not.
pub fn path_of(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => url[Position::BeforePath..Position::AfterQuery].to_owned(),
        Err(_) => address.to_owned(),
    }
}
