//! Staff at their desk: they sign in, write, publish, decide and withdraw, form by form.

use crate::server::Server;
use crate::visitor::{self, Page, Visitor};
use crate::waiting::eventually;
use std::fmt::Display;
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
        let login = self.account("approver").await;
        self.sign_in(login).await
    }

    /// Signs in with an account that was opened before.
    pub async fn sign_in(&self, login: String) -> Staff {
        let visitor = self.visitor();
        let page = visitor.get("/quan-tri").await;
        let form = page
            .form("sign-in")
            .with("username", &login)
            .with("password", PASSWORD);
        let desk = visitor.submit(form, "").await;
        desk.must_say("Đăng xuất");
        Staff { visitor, login }
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

    /// Writes and publishes. Ok: the newsroom said that it is published.
    pub async fn try_publish(&self, text: &Text) -> Result<Written, String> {
        let blank = self.read(NEW).await?;
        let mut form = blank
            .form("entry-form")
            .with("kind", text.kind)
            .with("title", &text.title)
            .with("lead", &text.lead)
            .with("body", &text.body)
            .with("section", text.section);
        if let Some(shown) = text.picture {
            let file = visitor::file("anh.png", "image/png", png());
            form = form.with_part("picture", file).with("picture_alt", shown);
        }
        let question = self.visitor.try_submit(form, "publish").await;
        let form = self.confirm(question, "", "Đã đăng").await?;
        let page = self.read(&form).await?;
        Ok(Written {
            title: text.title.clone(),
            page: page.link("Xem trên trang").ok_or("it has no public page")?,
            form,
        })
    }

    /// Writes something and leaves it unpublished; the path of its form.
    ///
    /// # Panics
    /// When the newsroom does not keep it.
    pub async fn save(&self, text: &Text) -> String {
        let form = self
            .visitor
            .get(NEW)
            .await
            .form("entry-form")
            .with("kind", text.kind)
            .with("title", &text.title)
            .with("lead", &text.lead)
            .with("body", &text.body)
            .with("section", text.section);
        let kept = self.visitor.submit(form, "save").await;
        kept.must_say(&text.title);
        kept.path
    }

    /// Publishes another title for what is published, and says what was corrected.
    ///
    /// # Panics
    /// When the newsroom does not let it through.
    pub async fn revise(&self, written: &Written, title: &str, correction: &str) -> Written {
        let page = self.visitor.get(&written.form).await;
        let form = page.form("entry-form").with("title", title);
        let question = self.visitor.try_submit(form, "publish").await;
        let form = self.confirm(question, correction, "Đã đăng").await;
        let form = form.unwrap_or_else(|why| panic!("{title:?} is not published: {why}"));
        let page = self.visitor.get(&form).await;
        Written {
            title: title.to_owned(),
            page: page.link("Xem trên trang").expect("a public page"),
            form,
        }
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

    async fn read(&self, path: &str) -> Result<Page, String> {
        let page = self.visitor.try_get(path).await.map_err(in_words)?;
        if page.status == 200 {
            Ok(page)
        } else {
            Err(format!("{path} answers {}", page.status))
        }
    }

    /// Waits until `title` is in the inbox; its path there.
    pub async fn finds_in_inbox(&self, title: &str) -> String {
        eventually(&format!("{title:?} is in the inbox"), async || {
            let inbox = self.read(INBOX).await?;
            inbox
                .link(title)
                .ok_or_else(|| format!("{} links", crate::forms::links(&inbox.body).len()))
        })
        .await
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

fn in_words(error: impl Display) -> String {
    error.to_string()
}

/// A small picture, as from a scanner.
fn png() -> Vec<u8> {
    let shades =
        image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 90]));
    let mut file = std::io::Cursor::new(Vec::new());
    shades
        .write_to(&mut file, image::ImageFormat::Png)
        .expect("writes to memory");
    file.into_inner()
}
