//! A commune goes silent: who asked to be told is told once, by a real mail server and by a program that checks the
//! signature; and what nobody takes at first is tried again.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use standardwebhooks::Webhook;
use std::sync::{Arc, Mutex, PoisonError};
use tests::forms::Form;
use tests::mail_server::MailServer;
use tests::signing_in::comes_in;
use tests::{Backend, Page, Province, Visitor, eventually, leave_out};
use tokio::net::TcpListener;

on_both_databases! {
    a_commune_that_goes_silent_is_told_of_once_and_comes_back
}

const ALERTS: &str = "/quan-tri/canh-bao";
const RECIPIENTS: &str = "/quan-tri/canh-bao/noi-nhan";
const NEW: &str = "/quan-tri/canh-bao/noi-nhan/moi";

async fn a_commune_that_goes_silent_is_told_of_once_and_comes_back(hub: Backend) {
    if !MailServer::is_there() {
        leave_out("letters to a real mail server: tests/mail has no node_modules");
        return;
    }
    let mut province = Province::found(hub).await;
    let mail = MailServer::start();
    let program = Program::start().await;
    tell_of(&mut province, &mail).await;
    province
        .hub
        .set("allow", &format!("[\"{}\"]", program.at))
        .await;
    let mut commune = province.commune("xã Măng Bút").await;

    let login = province.hub.account("hub_admin").await;
    let admin = province.hub.visitor();
    comes_in(&admin, &login).await;
    admin.get(ALERTS).await.must_say("Chưa ai được báo");
    // What is wrong is said where it is to be mended.
    let wrong = fills_in(&admin, "email", "truc-cong", "0").await;
    assert!(
        wrong.status == 422 && wrong.says("Địa chỉ thư chưa đúng"),
        "{}",
        wrong.body
    );
    fills_in(&admin, "email", "truc-cong@quangngai.example", "0")
        .await
        .must_say("Trực cổng");
    fills_in(&admin, "email", "lanh-dao@quangngai.example", "30")
        .await
        .must_say("lanh-dao");
    let shown = fills_in(&admin, "webhook", &program.url(), "0").await;
    let secret = secret_on(&shown);
    admin.get(RECIPIENTS).await.must_say("nhận cảnh báo");
    assert!(
        !admin.get(RECIPIENTS).await.says(&secret),
        "a secret is shown once"
    );

    // The way is tried; the program is not there at first.
    program.turns_away(1);
    for address in ["truc-cong@quangngai.example", &program.url()] {
        let page = admin.get(RECIPIENTS).await;
        let (_, row) = page.body.split_once(address).expect("its row");
        let form = Form::find(row, |form| form.action == RECIPIENTS).expect("its buttons");
        admin
            .submit(form, "test")
            .await
            .must_say("Đang gửi thư thử");
    }
    let letter = mail.gets("Thử gửi cảnh báo").await;
    assert_eq!(letter.to, ["truc-cong@quangngai.example"]);
    assert_eq!(letter.from, "cong@quangngai.example");
    let calls = program.gets("alerts.test", 2).await;
    assert_eq!(calls[0].id(), calls[1].id(), "it is the same message");
    eventually("the page says that it was taken", async || {
        let page = admin.get(RECIPIENTS).await;
        page.showing("nhận được")?.without("không gửi được")
    })
    .await;

    // The commune goes away, an hour ago; a minute is what it may.
    let path = format!("/quan-tri/don-vi/{}", commune.id);
    let form = admin.get(&path).await.form("note");
    admin
        .submit(form.with("grace", "1"), "note")
        .await
        .must_say("Đã ghi");
    commune.stop().await;
    let long_ago = "UPDATE peers SET last_contact_at = last_contact_at - 3600000";
    province.behind_plainly(long_ago).await;
    let about = "1 đơn vị: mất kết nối";
    let told = async || {
        let letters = mail.letters();
        let found = letters.iter().find(|letter| letter.subject.contains(about));
        found.cloned().ok_or_else(|| format!("{letters:?}"))
    };
    let letter = eventually("a letter about it", told).await;
    assert!(
        letter.text.contains("xã Măng Bút") && letter.text.contains(&path),
        "{}",
        letter.text
    );
    let calls = program.gets("alerts.changed", 1).await;
    let fact = &calls[0].body()["data"]["began"][0];
    assert_eq!(
        (&fact["kind"], &fact["urgent"]),
        (&"lost".into(), &false.into())
    );
    assert_eq!(fact["site"], commune.id);
    for call in program.calls() {
        let signed = Webhook::new(&secret).expect("a secret");
        signed
            .verify(&call.body, &call.headers)
            .expect("its signature");
        let other = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        assert!(other.verify(&call.body, &call.headers).is_err());
    }

    // Somebody knows: whoever comes later is not troubled.
    let page = admin.get(ALERTS).await;
    page.must_say("Mất kết nối");
    let known = admin.submit(page.form_to(ALERTS), "").await;
    known.must_say("đã biết");

    // It is back: so says the page, and the letter about it is the only one.
    commune.start().await;
    eventually("the alert is over", async || {
        admin
            .get(ALERTS)
            .await
            .showing("Không có gì cần báo")?
            .showing("Đã hết")
    })
    .await;
    let letters = mail.letters();
    let about_it = letters
        .iter()
        .filter(|letter| letter.subject.contains(about));
    assert_eq!(about_it.count(), 1, "{letters:#?}");
    assert!(
        letters
            .iter()
            .all(|letter| letter.to == ["truc-cong@quangngai.example"])
    );
    let log = province.hub.log();
    for hidden in [MailServer::PASSWORD, secret.trim_start_matches("whsec_")] {
        assert!(!log.contains(hidden), "no secret is logged");
    }
    assert!(!log.contains("background work failed"), "{log}");
}

/// The hub's operator names a mail server.
async fn tell_of(province: &mut Province, mail: &MailServer) {
    province.hub.stop().await;
    let folder = province.hub.folder().to_owned();
    let password = folder.join("mail.password");
    std::fs::write(&password, format!("{}\n", MailServer::PASSWORD)).expect("writes");
    let file = folder.join("settings.toml");
    let mut settings = std::fs::read_to_string(&file).expect("settings");
    settings.push_str(&mail.settings(&password));
    std::fs::write(&file, settings).expect("writes");
    province.hub.start().await;
}

async fn fills_in(admin: &Visitor, channel: &str, address: &str, after: &str) -> Page {
    let form = admin.get(NEW).await.form("recipient-form");
    let name = format!("Trực cổng, {address}");
    let form = form
        .with("name", &name)
        .with("channel", channel)
        .with("address", address)
        .with("after", after);
    admin.submit(form, "").await
}

fn secret_on(page: &Page) -> String {
    let (_, rest) = page.body.split_once("whsec_").expect("a secret is shown");
    let encoded: String = rest
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || "+/=".contains(*letter))
        .collect();
    format!("whsec_{encoded}")
}

/// A program that is told of alerts.
struct Program {
    at: std::net::SocketAddr,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    calls: Vec<Call>,
    /// How many are turned away before one is taken.
    turned_away: usize,
}

#[derive(Clone, Debug)]
struct Call {
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().expect("an id")
    }

    fn body(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

impl Program {
    async fn start() -> Self {
        let heard: Arc<Mutex<Heard>> = Arc::default();
        let routes = Router::new()
            .route("/lien-cong", post(hear))
            .with_state(Arc::clone(&heard));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { at, heard }
    }

    fn url(&self) -> String {
        format!("http://{}/lien-cong", self.at)
    }

    fn turns_away(&self, calls: usize) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.turned_away = calls;
    }

    fn calls(&self) -> Vec<Call> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.calls.clone()
    }

    /// The calls of this type, once there are so many.
    async fn gets(&self, kind: &str, count: usize) -> Vec<Call> {
        eventually(&format!("{count} calls of {kind}"), async || {
            let mut calls = self.calls();
            calls.retain(|call| call.body()["type"] == *kind);
            match calls.len() == count {
                true => Ok(calls),
                false => Err(format!("{calls:?}")),
            }
        })
        .await
    }
}

async fn hear(
    State(heard): State<Arc<Mutex<Heard>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    heard.calls.push(Call { headers, body });
    match heard.turned_away {
        0 => StatusCode::NO_CONTENT,
        more => {
            heard.turned_away = more - 1;
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
