//! Staff at their desk: they sign in, write, publish, decide and withdraw, form by form.

use crate::forms::Form;
use crate::server::Server;
use crate::signing_in;
use crate::visitor::{self, Page, Visitor};
use crate::waiting::eventually;
use std::sync::atomic::{AtomicU32, Ordering};

/// A password that is taken; a sentence, as the sites advise.
pub const PASSWORD: &str = "trâu trắng ăn lá khoai";

const NEW: &str = "/quan-tri/bai-viet/moi";
const INBOX: &str = "/quan-tri/hop-den";

/// Somebody who works for a site and has signed in.
#[derive(Debug)]
pub struct Staff {
    /// Their browser.
    pub visitor: Visitor,
    /// Their name at the sign-in.
    pub login: String,
    /// Who writes what they approve: nobody approves their own text.
    writer: Option<Box<Staff>>,
}

/// Something to be published.
#[derive(Clone, Debug)]
pub struct Text {
    /// The code of its kind.
    pub kind: &'static str,
    /// Title.
    pub title: String,
    /// Lead.
    pub lead: String,
    /// Body, Markdown.
    pub body: String,
    /// Code of its section.
    pub section: &'static str,
    /// What its picture shows, if it has one.
    pub picture: Option<&'static str>,
}

impl Text {
    /// An article.
    pub fn article(title: impl Into<String>) -> Self {
        Self {
            kind: "article",
            title: title.into(),
            lead: "Bà con trong xã đã bắt tay vào vụ mới.".to_owned(),
            body: "Sáng nay, **bà con** ra đồng từ sớm.\n\nMọi việc thuận lợi.".to_owned(),
            section: "kinh-te",
            picture: None,
        }
    }

    /// A notice.
    pub fn notice(title: impl Into<String>) -> Self {
        Self {
            kind: "notice",
            section: "thong-bao",
            ..Self::article(title)
        }
    }

    /// The form of an entry with this in it, but for the picture.
    fn fill(&self, form: Form) -> Form {
        form.with("kind", self.kind)
            .with("title", &self.title)
            .with("lead", &self.lead)
            .with("body", &self.body)
            .with("section", self.section)
    }
}

/// Something published, as its authors find it again.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its title.
    pub title: String,
    /// The path of its form.
    pub form: String,
    /// The path of its public page.
    pub page: String,
}

impl Server {
    /// Opens an account that may do everything in the newsroom, and signs in with it.
    pub async fn staff(&self) -> Staff {
        let login = self.account(self.editors_role()).await;
        let writer = self.account("contributor").await;
        Staff {
            writer: Some(Box::new(self.sign_in(writer).await)),
            ..self.sign_in(login).await
        }
    }

    /// Signs in again, on this server, who worked for a site before.
    pub async fn staff_again(&self, staff: &Staff) -> Staff {
        let writer = match &staff.writer {
            Some(writer) => Some(Box::new(self.sign_in(writer.login.clone()).await)),
            None => None,
        };
        Staff {
            writer,
            ..self.sign_in(staff.login.clone()).await
        }
    }

    /// The roles of somebody who may do everything in the newsroom.
    fn editors_role(&self) -> &'static str {
        if self.is_hub() {
            "approver,hub_editor"
        } else {
            "approver"
        }
    }

    /// Signs in with an account that was opened before.
    pub async fn sign_in(&self, login: String) -> Staff {
        let visitor = self.visitor();
        signing_in::comes_in(&visitor, &login).await;
        Staff {
            visitor,
            login,
            writer: None,
        }
    }

    /// Opens an account with [`PASSWORD`] and returns its name.
    pub async fn account(&self, role: &str) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let login = format!("nguoi-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.command_says(&[
            "account",
            "add",
            "--login",
            &login,
            "--name",
            "Y Thử",
            "--role",
            role,
            "--password",
            PASSWORD,
        ])
        .await;
        login
    }
}

impl Staff {
    /// Writes and publishes.
    ///
    /// # Panics
    /// When the newsroom does not let it through.
    pub async fn publish(&self, text: &Text) -> Written {
        self.try_publish(text)
            .await
            .unwrap_or_else(|why| panic!("{:?} is not published: {why}", text.title))
    }

    /// Writes and publishes. Ok: the newsroom said that it is published, and where.
    pub async fn try_publish(&self, text: &Text) -> Result<Written, String> {
        let form = self.try_publish_unseen(text).await?;
        let page = self.read(&form).await?;
        Ok(Written {
            title: text.title.clone(),
            page: page.link("Xem trên trang").ok_or("it has no public page")?,
            form,
        })
    }

    /// Writes and publishes, at a site that may show nothing of its own now: its key was revoked, and it has
    /// no other yet. The path of its form.
    ///
    /// # Panics
    /// When the newsroom does not let it through.
    pub async fn publish_unseen(&self, text: &Text) -> String {
        let form = self.try_publish_unseen(text).await;
        form.unwrap_or_else(|why| panic!("{:?} is not published: {why}", text.title))
    }

    /// Writes and publishes. Ok: the newsroom said that it is published; the path of its form.
    async fn try_publish_unseen(&self, text: &Text) -> Result<String, String> {
        let writer = self.writer();
        let blank = read(writer, NEW).await?;
        let mut form = text.fill(blank.form("entry-form"));
        if let Some(shown) = text.picture {
            let file = visitor::file("anh.png", "image/png", png());
            form = form.with_part("picture", file).with("picture_alt", shown);
        }
        let path = self.hand_in(form).await?;
        let question = self.visitor.try_get(&format!("{path}/dang")).await;
        self.confirm(question, "", "Đã đăng").await
    }

    /// The blank form of an entry, before who writes.
    pub async fn blank(&self) -> Form {
        self.opens(NEW).await
    }

    /// The form at `path`, before who writes.
    pub async fn opens(&self, path: &str) -> Form {
        self.writer().get(path).await.form("entry-form")
    }

    /// Keeps what a form before who writes says, taking the text over from whoever holds it open; the
    /// form as it is then.
    pub async fn keep(&self, form: Form) -> Form {
        let mut kept = self.writer().submit(form, "save").await;
        if kept.status == 409 {
            let form = kept.form("entry-form");
            kept = self.writer().submit(form, "take_over").await;
        }
        kept.form("entry-form")
    }

    /// Presses a button under a form before who writes.
    pub async fn press(&self, form: Form, button: &str) -> Page {
        self.writer().submit(form, button).await
    }

    /// Hands in what a form before who writes says, and approves it; what was corrected is said where
    /// something is.
    ///
    /// # Panics
    /// When the newsroom does not let it through.
    pub async fn publish_form(&self, form: Form, correction: &str) -> Written {
        let title = form.value("title").unwrap_or_default().to_owned();
        let form = self.keep(form).await;
        let path = self.hand_in(form).await;
        let path = path.unwrap_or_else(|why| panic!("{title:?} is not handed in: {why}"));
        let question = self.visitor.try_get(&format!("{path}/dang")).await;
        let form = self.confirm(question, correction, "Đã đăng").await;
        let form = form.unwrap_or_else(|why| panic!("{title:?} is not published: {why}"));
        let page = self.visitor.get(&form).await;
        Written {
            title,
            page: page.link("Xem trên trang").expect("a public page"),
            form,
        }
    }

    /// Writes something and leaves it unpublished; the path of its form.
    ///
    /// # Panics
    /// When the newsroom does not keep it.
    pub async fn save(&self, text: &Text) -> String {
        let form = text.fill(self.visitor.get(NEW).await.form("entry-form"));
        let kept = self.visitor.submit(form, "save").await;
        kept.must_say(&text.title);
        kept.path
    }

    /// Writes something and hands it in; the path of its form.
    ///
    /// # Panics
    /// When the newsroom does not take it.
    pub async fn submit(&self, text: &Text) -> String {
        let form = text.fill(self.blank().await);
        let handed_in = self.hand_in(form).await;
        handed_in.unwrap_or_else(|why| panic!("{:?} is not handed in: {why}", text.title))
    }

    /// Writes something, approves it and sets `day` for it; the path of its form.
    ///
    /// # Panics
    /// When the newsroom does not let it through.
    pub async fn schedule(&self, text: &Text, day: &str) -> String {
        let path = self.submit(text).await;
        let question = self.visitor.get(&format!("{path}/dang")).await;
        let form = question
            .form_to(&question.path)
            .with("publish_on", day)
            .with("publish_time", "7:00");
        self.visitor.submit(form, "").await.must_say("Đã hẹn giờ");
        path
    }

    /// Presses a button under what somebody else wrote; what the newsroom says then.
    ///
    /// # Panics
    /// When there is no such button.
    pub async fn passes_on(&self, path: &str, button: &str) -> Page {
        let form = self.visitor.get(path).await.form("entry-form");
        let mut done = self.visitor.submit(form, button).await;
        if done.status == 409 {
            let form = done.form("entry-form");
            let taken = self.visitor.submit(form, "take_over").await;
            done = self.visitor.submit(taken.form("entry-form"), button).await;
        }
        done
    }

    /// Sends a text back to who wrote it.
    ///
    /// # Panics
    /// When the newsroom does not do it.
    pub async fn wants_mended(&self, path: &str, reason: &str) {
        let question = self.visitor.try_get(&format!("{path}/tra-lai")).await;
        let done = self.confirm(question, reason, "Đã trả lại").await;
        done.unwrap_or_else(|why| panic!("{path} is not sent back: {why}"));
    }

    /// Publishes another title for what is published, and says what was corrected.
    ///
    /// # Panics
    /// When the newsroom does not let it through.
    pub async fn revise(&self, written: &Written, title: &str, correction: &str) -> Written {
        let form = self.opens(&written.form).await.with("title", title);
        self.publish_form(form, correction).await
    }

    /// Takes something published back.
    ///
    /// # Panics
    /// When the newsroom does not let it through.
    pub async fn withdraw(&self, written: &Written, reason: &str) {
        let question = self.visitor.try_get(&format!("{}/go", written.form)).await;
        let done = self.confirm(question, reason, "Đã gỡ").await;
        done.unwrap_or_else(|why| panic!("{:?} is not withdrawn: {why}", written.title));
    }

    /// Answers a page that asks once more; returns the path of the form it is about.
    async fn confirm(
        &self,
        question: reqwest::Result<Page>,
        reason: &str,
        done: &str,
    ) -> Result<String, String> {
        let question = question.map_err(in_words)?;
        let Some((about, _)) = question.path.rsplit_once('/') else {
            return Err(question.path);
        };
        if question.status != 200 || !question.says("data-element=\"confirm\"") {
            return Err(format!("{}: {}", question.status, question.body));
        }
        let mut form = question.form_to(&question.path);
        if !reason.is_empty() {
            form = form.with("reason", reason);
        }
        let answer = self.visitor.try_submit(form, "").await.map_err(in_words)?;
        answer.showing(done)?;
        Ok(about.to_owned())
    }

    /// Who writes what this person approves.
    fn writer(&self) -> &Visitor {
        self.writer
            .as_ref()
            .map_or(&self.visitor, |writer| &writer.visitor)
    }

    /// Hands a form in; the path where what is written in it is worked on.
    async fn hand_in(&self, form: Form) -> Result<String, String> {
        let title = form.value("title").unwrap_or_default().to_owned();
        let kept = self.writer().try_submit(form, "submit").await;
        let list = kept.map_err(in_words)?.showing("Đã gửi duyệt")?;
        list.link(&title)
            .ok_or_else(|| format!("{title:?} is in no list"))
    }

    async fn read(&self, path: &str) -> Result<Page, String> {
        read(&self.visitor, path).await
    }

    /// Waits until `title` is in the inbox; its path there.
    pub async fn finds_in_inbox(&self, title: &str) -> String {
        eventually(&format!("{title:?} is in the inbox"), async || {
            self.looks_in_inbox(title).await
        })
        .await
    }

    /// The address of `title` in the inbox as it is now.
    ///
    /// # Errors
    /// What is there instead, in words.
    pub async fn looks_in_inbox(&self, title: &str) -> Result<String, String> {
        linked(&self.read(INBOX).await?, title)
    }

    /// The address of `title` in the inbox as it is now, where only what `sender` sent is looked at.
    ///
    /// # Errors
    /// What is there instead, in words.
    pub async fn looks_in_inbox_of(&self, sender: &str, title: &str) -> Result<String, String> {
        let mut inbox = self.read(INBOX).await?;
        // There is nothing to choose where all are of one.
        if let Some(filter) = Form::find(&inbox.body, |form| form.element == "inbox-filter") {
            let unit = filter.choice("don-vi", sender);
            let unit = unit.ok_or_else(|| format!("nothing of {sender}"))?;
            inbox = self.read(&format!("{INBOX}?don-vi={unit}")).await?;
        }
        linked(&inbox, title)
    }

    /// Waits for `title` in the inbox and publishes it here as it is.
    pub async fn accept(&self, title: &str) {
        let page = self.visitor.get(&self.finds_in_inbox(title).await).await;
        let form = page.form("inbox-decision");
        let form = match form.value("section") {
            Some("") | None => form.with("section", "kinh-te"),
            Some(_) => form,
        };
        self.visitor.submit(form, "take").await.must_say("Đã nhận");
    }

    /// Waits for `title` in the inbox and publishes it here under a lead of our own.
    pub async fn accept_with_lead(&self, title: &str, lead: &str) {
        let page = self.visitor.get(&self.finds_in_inbox(title).await).await;
        let form = page.form("inbox-decision").with("lead", lead);
        let answer = self.visitor.submit(form, "take_edited").await;
        answer.must_say("Đã nhận");
    }

    /// Waits for `title` in the inbox and sends it back.
    pub async fn send_back(&self, title: &str, reason: &str) {
        let page = self.visitor.get(&self.finds_in_inbox(title).await).await;
        let form = page.form("inbox-decision").with("reason", reason);
        let answer = self.visitor.submit(form, "return").await;
        answer.must_say("Đã trả lại");
    }

    /// What the newsroom says of our own entries on their way up.
    pub async fn sent(&self) -> Page {
        self.visitor.get("/quan-tri/da-gui").await
    }
}

async fn read(visitor: &Visitor, path: &str) -> Result<Page, String> {
    let page = visitor.try_get(path).await.map_err(in_words)?;
    if page.status == 200 {
        Ok(page)
    } else {
        Err(format!("{path} answers {}", page.status))
    }
}

/// Where the link to `title` leads, or what there is instead.
fn linked(page: &Page, title: &str) -> Result<String, String> {
    let links = || format!("{} links", crate::forms::links(&page.body).len());
    page.link(title).ok_or_else(links)
}

/// What went wrong, down to what the network said.
fn in_words(error: reqwest::Error) -> String {
    format!("{:#}", anyhow::Error::new(error))
}

/// A small picture, as from a scanner.
pub fn png() -> Vec<u8> {
    shaded(90)
}

/// A small picture; another one for each `shade`: other bytes, another hash.
///
/// # Panics
/// When there is no memory for it.
pub fn shaded(shade: u8) -> Vec<u8> {
    let shades =
        image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, shade]));
    let mut file = std::io::Cursor::new(Vec::new());
    shades
        .write_to(&mut file, image::ImageFormat::Png)
        .expect("writes to memory");
    file.into_inner()
}
