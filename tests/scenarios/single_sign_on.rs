//! Signing in through a real provider of single sign-on.

use tests::sign_on::{SignOn, path_of};
use tests::{Backend, Page, Province, Visitor, leave_out};
use url::Url;

#[tokio::test]
async fn people_come_in_through_the_single_sign_on_once_they_are_linked() {
    tests::bounded(story()).await;
}

const BEGIN: &str = "/quan-tri/dang-nhap/mot-lan";
const MINE: &str = "/quan-tri/tai-khoan/mot-lan";

async fn story() {
    if !SignOn::is_there() {
        leave_out("signing in through a real single sign-on: tests/openid has no node_modules");
        return;
    }
    let province = Province::found(Backend::Sqlite).await;
    let mut member = province.commune("xã Kon Braih").await;
    let provider = SignOn::start(&member.base_url());
    let login = member.account("contributor").await;
    member.stop().await;
    let secret = member.folder().join("sso.secret");
    std::fs::write(&secret, SignOn::SECRET).expect("writes");
    let file = member.folder().join("settings.toml");
    let mut settings = std::fs::read_to_string(&file).expect("settings");
    settings.push_str(&provider.settings(&secret));
    std::fs::write(&file, settings).expect("writes");
    member.start().await;

    // Nobody is let in for having an account there, not even with the name of an account here.
    let stranger = member.visitor();
    stranger
        .get("/quan-tri/dang-nhap")
        .await
        .must_say("Tài khoản của tỉnh");
    let refused = comes_back(&stranger, &provider, &provider.visitor(), &login).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.says("chưa được gắn"), "{}", refused.body);

    // An administrator says under which name somebody is expected.
    member
        .command_says(&["account", "link-openid", &login, "--name", "y.thu"])
        .await;
    let (browser, there) = (member.visitor(), provider.visitor());
    let desk = comes_back(&browser, &provider, &there, "y.thu").await;
    assert_eq!(desk.path, "/quan-tri", "{}", desk.body);
    browser.get("/quan-tri").await.must_say("Đăng xuất");

    // The same answer a second time, and the same answer in another browser, are worth nothing.
    let begun = browser_sets_out(&browser).await;
    let back = provider.signs_in(&there, &begun, "y.thu").await;
    for other in [&member.visitor(), &browser, &browser] {
        let page = other.get(&path_of(&back)).await;
        if std::ptr::eq(other, &browser) && page.path == "/quan-tri" {
            continue;
        }
        assert_eq!(page.status, 422, "{}", page.body);
    }

    // Whoever is signed in with a password links himself.
    let other = member.account("contributor").await;
    let staff = member.sign_in(other).await;
    let mine = staff.visitor.get("/quan-tri/tai-khoan").await;
    assert_eq!(mine.link("Tài khoản của tỉnh").as_deref(), Some(MINE));
    let form = staff.visitor.get(MINE).await.form("single-sign-on");
    let onward = staff.visitor.submit(form, "link").await;
    let link = onward.link("Đi tiếp").expect("a way on");
    let back = provider.signs_in(&provider.visitor(), &link, "a.mau").await;
    let page = staff.visitor.get(&path_of(&back)).await;
    page.must_say("Đã gắn");
    let desk = comes_back(&member.visitor(), &provider, &provider.visitor(), "a.mau").await;
    assert_eq!(desk.path, "/quan-tri", "{}", desk.body);

    // What proved who they are stands in no log and no record.
    let file = member.folder().join("nhat-ky.jsonl");
    let file = file.to_str().expect("text");
    member
        .command_says(&["audit", "export", "--out", file])
        .await;
    let record = std::fs::read_to_string(file).expect("exported");
    assert!(record.contains("sign_in_openid"), "{record}");
    let proofs = Url::parse(&back).expect("an address");
    let proofs: Vec<String> = proofs
        .query_pairs()
        .map(|(_, proof)| proof.into())
        .collect();
    assert!(proofs.len() >= 2, "a code and a state: {back}");
    for secret in proofs.iter().map(String::as_str).chain([SignOn::SECRET]) {
        // The provider says its own name in an answer as well.
        if secret.starts_with("http") {
            continue;
        }
        assert!(!record.contains(secret), "{secret} is in the record");
        assert!(!member.log().contains(secret), "{secret} is in the log");
    }

    let out = browser.get("/quan-tri/dang-xuat/mot-lan").await;
    let out = out.headers["location"].to_str().expect("text").to_owned();
    assert!(out.starts_with(provider.issuer.as_str()), "{out}");
}

async fn browser_sets_out(browser: &Visitor) -> String {
    let begun = browser.get(BEGIN).await;
    let location = begun.headers.get("location");
    let location = location.unwrap_or_else(|| panic!("{} {}", begun.status, begun.body));
    location.to_str().expect("text").to_owned()
}

/// Sets out, signs in as `who`, and comes back.
async fn comes_back(browser: &Visitor, provider: &SignOn, there: &Visitor, who: &str) -> Page {
    let begun = browser_sets_out(browser).await;
    let back = provider.signs_in(there, &begun, who).await;
    browser.get(&path_of(&back)).await
}
