//! Somebody with a telephone: a real browser, 360 pixels wide.
//!
//! Every page it comes to is looked at: nothing may complain in the console, and nobody may have to
//! move a page sideways to read it.

use crate::caretaker;
use crate::waiting::eventually;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::{
    By, ChromeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver, WebElement,
};

/// Width of the narrowest telephones still in use, in CSS pixels.
pub const WIDTH: u32 = 360;

/// Somebody with a telephone.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    _process: Driver,
}

impl Browser {
    /// Opens a browser nobody has used before.
    ///
    /// # Panics
    /// When Chromium or its driver cannot be had on this machine.
    pub async fn open() -> Self {
        shared::http_client::install_crypto();
        let process = Driver::start();
        let address = format!("http://127.0.0.1:{}", process.port);
        let driver = WebDriver::new(address, process.capabilities())
            .await
            .unwrap_or_else(|error| panic!("Chromium does not open: {error}"));
        Self {
            driver,
            _process: process,
        }
    }

    /// Goes to an address and looks at the page.
    ///
    /// # Panics
    /// When the page cannot be had, complains in the console, or is too wide.
    pub async fn goes_to(&self, address: &str) {
        self.opens(address).await;
        self.looks().await;
    }

    /// Goes to an address, whatever the page there looks like.
    ///
    /// # Panics
    /// When the page cannot be had.
    pub async fn opens(&self, address: &str) {
        let went = self.driver.goto(address).await;
        went.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Types into the field `name`.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn types(&self, name: &str, text: &str) {
        let field = self
            .finds(&format!("[name={name}]:not([type=hidden])"))
            .await;
        field.clear().await.expect("a field that can be cleared");
        field.send_keys(text).await.expect("a field for typing");
    }

    /// Chooses from the list `name`.
    ///
    /// # Panics
    /// When there is no such list or choice.
    pub async fn chooses(&self, name: &str, value: &str) {
        let choice = format!("select[name={name}] option[value='{value}']");
        let chosen = self.finds(&choice).await.click().await;
        chosen.unwrap_or_else(|error| panic!("{value:?} of {name:?} cannot be chosen: {error}"));
    }

    /// Presses what `selector` finds, and looks at the page it leads to.
    ///
    /// # Panics
    /// When there is nothing to press, or the page is not in order.
    pub async fn presses(&self, selector: &str) {
        let before = self.finds("html").await;
        let target = self.finds(selector).await;
        target.scroll_into_view().await.expect("it scrolls");
        let pressed = target.click().await;
        pressed.unwrap_or_else(|error| panic!("{selector} cannot be pressed: {error}"));
        eventually(&format!("{selector} leads on"), async || {
            // An element of the page before: gone as soon as the next one is there.
            match before.tag_name().await {
                Err(_) => Ok(()),
                Ok(_) => Err("the same page"),
            }
        })
        .await;
        self.looks().await;
    }

    /// Goes to an address again and again until the page says `text`.
    ///
    /// # Panics
    /// When it does not in time, or the page is not in order.
    pub async fn sees(&self, address: &str, text: &str) {
        eventually(&format!("{address} shows {text:?}"), async || {
            self.driver
                .goto(address)
                .await
                .map_err(|error| error.to_string())?;
            let seen = self.text().await;
            if seen.contains(text) {
                Ok(())
            } else {
                Err(seen)
            }
        })
        .await;
        self.looks().await;
    }

    /// What can be read on the page.
    ///
    /// # Panics
    /// When there is no page.
    pub async fn text(&self) -> String {
        let body = self.finds("body").await;
        body.text().await.expect("a page can be read")
    }

    /// Closes the browser.
    ///
    /// # Panics
    /// When it does not close.
    pub async fn closes(self) {
        self.driver.quit().await.expect("it closes");
    }

    async fn finds(&self, selector: &str) -> WebElement {
        eventually(&format!("there is {selector}"), async || {
            self.driver.find(By::Css(selector)).await
        })
        .await
    }

    /// Looks at the page as it stands now.
    async fn looks(&self) {
        let flaws = self.flaws().await;
        assert!(flaws.is_empty(), "{flaws:#?}");
    }

    /// What is wrong with the page as it stands now.
    ///
    /// # Panics
    /// When there is no page.
    pub async fn flaws(&self) -> Vec<String> {
        eventually("the page is whole", async || {
            let state = self.ask("return document.readyState").await;
            if state == "complete" {
                Ok(())
            } else {
                Err(state)
            }
        })
        .await;
        let here = self.driver.current_url().await.expect("an address");
        let log = self.driver.browser_log().await.expect("a console");
        let severe = log.into_iter().filter(|entry| entry.level == "SEVERE");
        let mut flaws: Vec<String> = severe
            .map(|entry| format!("{here}: {}", entry.message))
            .collect();
        let wide = self
            .ask("return document.documentElement.scrollWidth")
            .await;
        if wide.as_u64().is_none_or(|wide| wide > u64::from(WIDTH)) {
            flaws.push(format!("{here} is {wide} pixels wide"));
        }
        flaws
    }

    async fn ask(&self, script: &str) -> serde_json::Value {
        let answer = self.driver.execute(script, Vec::new()).await;
        answer.expect("a script runs").json().clone()
    }
}

/// `chromedriver`, and the browsers it has opened. Gone when dropped.
#[derive(Debug)]
struct Driver {
    process: Child,
    port: u16,
    profile: TempDir,
}

impl Driver {
    fn start() -> Self {
        let profile = tempfile::Builder::new()
            .prefix("lien-cong-browser-")
            .tempdir()
            .expect("a temporary folder");
        caretaker::keeps(profile.path());
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "chromedriver does not start ({error}): run tests/run as root, which installs \
                     it, or say LIEN_CONG_WITHOUT=browser there"
                )
            });
        caretaker::started(process.id());
        let output = process.stdout.take().expect("its output is ours");
        let port = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .expect("chromedriver says at which port it is");
        Self {
            process,
            port,
            profile,
        }
    }

    fn capabilities(&self) -> ChromeCapabilities {
        let mut wanted = DesiredCapabilities::chrome();
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        for argument in [
            "--headless=new",
            // The sandbox needs more than root or a container is given.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--lang=vi",
            &profile,
        ] {
            wanted.add_arg(argument).expect("an argument");
        }
        let telephone = json!({
            "deviceMetrics": {"width": WIDTH, "height": 740, "pixelRatio": 2.0, "touch": true},
        });
        wanted
            .add_experimental_option("mobileEmulation", telephone)
            .expect("an option");
        wanted
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .expect("an option");
        wanted
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Its browsers are in its group. Err: they have all ended already.
        let _ended = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        caretaker::ended(self.process.id());
        self.process
            .wait()
            .expect("what was killed can be waited for");
    }
}
