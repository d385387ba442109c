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
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::{
    By, ChromeCapabilities, Cookie, DesiredCapabilities, Key, LoggingPrefsLogLevel, WebDriver,
    WebElement,
};

/// Width of the narrowest telephones still in use, in CSS pixels.
pub const WIDTH: u32 = 360;

/// What stands out of the page at its right.
const BEYOND: &str = "
    const edge = document.documentElement.clientWidth + 1;
    return [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > edge)
        .slice(0, 8).map((element) => element.outerHTML.slice(0, 160));";

/// The editor of the writing page.
const EDITOR: &str = ".ProseMirror";

/// Width of the screens most offices have.
pub const OFFICE_WIDTH: u32 = 1366;

/// Somebody with a browser: on a telephone, or on the machine of an office.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    width: u32,
    process: Driver,
}

/// How long a script may take.
const LONGEST_SCRIPT: Duration = Duration::from_secs(180);

impl Browser {
    /// Opens the browser of a telephone nobody has used before.
    ///
    /// # Panics
    /// When Chromium or its driver cannot be had on this machine.
    pub async fn open() -> Self {
        Self::open_wide(WIDTH).await
    }

    /// Opens a browser nobody has used before, `width` pixels wide.
    ///
    /// # Panics
    /// When Chromium or its driver cannot be had on this machine.
    pub async fn open_wide(width: u32) -> Self {
        let profile = tempfile::Builder::new()
            .prefix("lien-cong-browser-")
            .tempdir()
            .expect("a temporary folder");
        caretaker::keeps(profile.path());
        Self::open_with(profile, width).await
    }

    /// The power is cut, and comes back: what the browser had not written to its disk is gone.
    ///
    /// # Panics
    /// When the browser does not start again.
    pub async fn loses_power(self) -> Self {
        let (profile, width) = (self.process.cut_off(), self.width);
        let left = self.driver.leak();
        left.expect("nobody is told of the end");
        Self::open_with(profile, width).await
    }

    /// Whether `text` is on the disk in what pages keep on this machine.
    pub fn has_on_disk(&self, text: &str) -> bool {
        let wanted: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let folder = self.process.profile().join("Default/Local Storage/leveldb");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files
            .filter_map(|file| std::fs::read(file.path()).ok())
            .any(|bytes| bytes.windows(wanted.len()).any(|part| part == wanted))
    }

    async fn open_with(profile: TempDir, width: u32) -> Self {
        shared::http_client::install_crypto();
        let process = Driver::start(profile);
        let address = format!("http://127.0.0.1:{}", process.port);
        let driver = WebDriver::new(address, process.capabilities(width))
            .await
            .unwrap_or_else(|error| panic!("Chromium does not open: {error}"));
        // Scripts that look at a whole page take a while where many stories are told at once.
        let patient = driver.set_script_timeout(LONGEST_SCRIPT).await;
        patient.expect("a browser that waits");
        Self {
            driver,
            width,
            process,
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

    /// Goes on writing at the end of the text, key by key.
    ///
    /// # Panics
    /// When the page has no editor.
    pub async fn writes(&self, text: &str) {
        let editor = self.finds(EDITOR).await;
        editor.scroll_into_view().await.expect("it scrolls");
        editor.click().await.expect("it can be clicked");
        editor
            .send_keys(Key::Control + Key::End)
            .await
            .expect("a key");
        editor.send_keys(text).await.expect("a text for typing");
    }

    /// Composes a word at the cursor as an input method does: each of `steps` takes the place of the one
    /// before, and `word` of the last.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn composes(&self, steps: &[&str], word: &str) {
        for step in steps {
            let end = step.encode_utf16().count();
            let params = json!({"text": step, "selectionStart": end, "selectionEnd": end});
            self.does("Input.imeSetComposition", params).await;
        }
        self.does("Input.insertText", json!({"text": word})).await;
    }

    /// Puts `html` onto the text at the cursor, as a clipboard does.
    ///
    /// # Panics
    /// When the page has no editor.
    pub async fn pastes(&self, html: &str) {
        // Whoever pastes has put the cursor there first.
        self.writes("").await;
        let script = "const [html, selector] = arguments; const data = new DataTransfer();
            data.setData('text/html', html); data.setData('text/plain', 'chữ');
            const text = document.querySelector(selector);
            text.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));";
        let arguments = vec![json!(html), json!(EDITOR)];
        let pasted = self.driver.execute(script, arguments).await;
        pasted.expect("a script runs");
    }

    /// What the form would send as the body, once the editor has settled.
    ///
    /// # Panics
    /// When it does not come to hold `part`.
    pub async fn body_with(&self, part: &str) -> String {
        eventually(&format!("the body holds {part:?}"), async || {
            let body = self
                .ask("return document.querySelector('[name=body]').value")
                .await;
            let body = body.as_str().unwrap_or_default().to_owned();
            if body.contains(part) {
                Ok(body)
            } else {
                Err(body)
            }
        })
        .await
    }

    /// Whether the page asks before it is left.
    ///
    /// # Panics
    /// When a script does not run.
    pub async fn asks_before_leaving(&self) -> bool {
        let script = "const leaving = new Event('beforeunload', {cancelable: true});
            window.dispatchEvent(leaving); return leaving.defaultPrevented";
        self.ask(script).await == true
    }

    /// Loses the network, or has it again.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn is_offline(&self, is_so: bool) {
        self.does("Network.enable", json!({})).await;
        let conditions = json!({
            "offline": is_so, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.does("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// Meets every page for the first time: nothing that a worker kept is between it and the site.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn passes_over_workers(&self) {
        self.does("Network.enable", json!({})).await;
        self.does("Network.setBypassServiceWorker", json!({ "bypass": true }))
            .await;
    }

    /// Keeps nothing of what it loaded so far: no page stands, and nothing is in its cache.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn forgets_what_it_loaded(&self) {
        self.opens("about:blank").await;
        self.does("Network.clearBrowserCache", json!({})).await;
    }

    /// Presses a key where the focus is.
    ///
    /// # Panics
    /// When nothing has the focus.
    pub async fn hits(&self, key: impl Into<thirtyfour::TypingData>) {
        let here = self.driver.active_element().await.expect("a focus");
        here.send_keys(key).await.expect("a key");
    }

    /// Strikes a key, whatever has the focus; a field for files opens its window then.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn strikes(&self, key: impl Into<thirtyfour::TypingData>) {
        let struck = self.driver.action_chain().send_keys(key).perform().await;
        struck.expect("a key");
    }

    /// What the console said so far is forgotten: a lost network is complained about.
    ///
    /// # Panics
    /// When there is no console.
    pub async fn forgets_complaints(&self) {
        self.driver.browser_log().await.expect("a console");
    }

    /// The windows in which a machine has files chosen stay closed; files are given to their fields.
    pub(crate) async fn takes_file_windows_over(&self) {
        self.does(
            "Page.setInterceptFileChooserDialog",
            json!({"enabled": true}),
        )
        .await;
    }

    /// Has these cookies and no others: somebody else sits down, or nobody.
    ///
    /// # Panics
    /// When the browser does not do it.
    pub async fn swaps_cookies(&self, cookies: Vec<Cookie>) {
        self.driver.delete_all_cookies().await.expect("cookies");
        for cookie in cookies {
            self.driver.add_cookie(cookie).await.expect("a cookie");
        }
    }

    /// What tells the site who this is.
    ///
    /// # Panics
    /// When the browser does not say.
    pub async fn cookies(&self) -> Vec<Cookie> {
        self.driver.get_all_cookies().await.expect("cookies")
    }

    async fn does(&self, method: &str, params: serde_json::Value) {
        let done = self.driver.cdp().send_raw(method, params).await;
        done.unwrap_or_else(|error| panic!("{method}: {error}"));
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
        self.leaves(&before, selector).await;
    }

    /// Waits until the page `before` is of is gone, and looks at the one that came.
    pub(crate) async fn leaves(&self, before: &WebElement, selector: &str) {
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

    /// What it looks like: what `selector` finds, or all that is in the window. PNG.
    ///
    /// # Panics
    /// When there is nothing to see.
    pub async fn picture(&self, selector: Option<&str>) -> Vec<u8> {
        let picture = match selector {
            Some(selector) => {
                let seen = self.finds(selector).await;
                seen.scroll_into_view().await.expect("it scrolls");
                seen.screenshot_as_png().await
            }
            None => self.driver.screenshot_as_png().await,
        };
        picture.expect("a picture")
    }

    /// Whether it is a telephone.
    pub fn is_telephone(&self) -> bool {
        self.width == WIDTH
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

    /// The first element `selector` finds, once it is there.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn finds(&self, selector: &str) -> WebElement {
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
        if wide
            .as_u64()
            .is_none_or(|wide| wide > u64::from(self.width))
        {
            let beyond = self.ask(BEYOND).await;
            flaws.push(format!("{here} is {wide} pixels wide: {beyond}"));
        }
        flaws
    }

    /// What a script answers about `argument`.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn asks_of(&self, script: &str, argument: &str) -> serde_json::Value {
        let answer = self.driver.execute(script, vec![json!(argument)]).await;
        answer.expect("a script runs").json().clone()
    }

    /// What a script gives to the function that is its last argument.
    ///
    /// # Panics
    /// When it does not run, or gives nothing in time.
    pub async fn waits_for(&self, script: &str) -> serde_json::Value {
        let answer = self.driver.execute_async(script, Vec::new()).await;
        answer.expect("a script runs").json().clone()
    }

    /// What a script answers.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn ask(&self, script: &str) -> serde_json::Value {
        let answer = self.driver.execute(script, Vec::new()).await;
        answer.expect("a script runs").json().clone()
    }
}

/// `chromedriver`, and the browsers it has opened. Gone when dropped.
#[derive(Debug)]
struct Driver {
    process: Child,
    port: u16,
    /// None once it was cut off.
    profile: Option<TempDir>,
}

impl Driver {
    fn start(profile: TempDir) -> Self {
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
        caretaker::started_group(process.id());
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
            profile: Some(profile),
        }
    }

    fn profile(&self) -> &Path {
        self.profile.as_ref().expect("not cut off").path()
    }

    /// Ends it at once, and leaves what is on its disk.
    fn cut_off(mut self) -> TempDir {
        self.profile.take().expect("not cut off before")
    }

    fn capabilities(&self, width: u32) -> ChromeCapabilities {
        let mut wanted = DesiredCapabilities::chrome();
        let profile = format!("--user-data-dir={}", self.profile().display());
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
        if width == WIDTH {
            let telephone = json!({
                "deviceMetrics": {"width": WIDTH, "height": 740, "pixelRatio": 2.0, "touch": true},
            });
            wanted
                .add_experimental_option("mobileEmulation", telephone)
                .expect("an option");
        } else {
            let window = format!("--window-size={width},860");
            wanted.add_arg(&window).expect("an argument");
        }
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
        caretaker::ended_group(self.process.id());
        self.process
            .wait()
            .expect("what was killed can be waited for");
    }
}
