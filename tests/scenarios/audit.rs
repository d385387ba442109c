//! The audit record: what people did stands in it, and what is done to it behind the application is seen.

use tests::newsroom::PASSWORD;
use tests::{Backend, Province, Server, Text, signing_in};

on_both_databases! {
    a_row_changed_behind_a_hub_is_named
    a_member_that_writes_its_record_anew_is_seen_at_the_hub
    nothing_secret_is_in_the_record_its_export_or_the_log
}

const PAGE: &str = "/quan-tri/nhat-ky";

/// Takes the guards of the record away.
fn unguarded(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => {
            "DROP TRIGGER audit_records_unchanged; DROP TRIGGER audit_records_kept; "
        }
        Backend::Postgres => "DROP TRIGGER audit_records_guarded ON audit_records; ",
    }
}

async fn a_row_changed_behind_a_hub_is_named(hub: Backend) {
    let province = Province::found(hub).await;
    let member = province.commune("xã Kon Braih").await;
    let title = "Bà con xuống đồng đầu năm";
    member.staff().await.publish(&Text::article(title)).await;
    let admin = province.hub.account("admin").await;
    let admin = province.hub.sign_in(admin).await;
    province.hub.staff().await.accept(title).await;

    let page = admin.visitor.get(PAGE).await;
    for said in [
        "Mời đơn vị tham gia",
        "Đơn vị kết nối",
        "Nhận và đăng bài gửi đến",
        title,
    ] {
        page.must_say(said);
    }
    page.must_say("127.");
    page.must_say(", cổng ");
    let whole = province.hub.command_says(&["audit", "verify"]).await;
    assert!(whole.contains("nguyên vẹn"), "{whole}");

    for (statement, seq) in [
        ("UPDATE audit_records SET login = 'ai.do' WHERE seq = 4", 4),
        ("DELETE FROM audit_records WHERE seq = 3", 3),
        (
            "UPDATE audit_records SET seq = -1 WHERE seq = 1; \
             UPDATE audit_records SET seq = 1 WHERE seq = 2; \
             UPDATE audit_records SET seq = 2 WHERE seq = -1",
            1,
        ),
    ] {
        let guards = if seq == 4 { unguarded(hub) } else { "" };
        province
            .behind_plainly(&format!("{guards}{statement}"))
            .await;
        let refused = province.hub.run(&["audit", "verify"]).await;
        let said = refused.expect_err("a broken chain");
        assert!(said.contains(&format!("dòng số {seq}")), "{said}");
    }
    let page = admin.visitor.get(PAGE).await;
    page.must_say("Nhật ký không còn nguyên vẹn");
}

async fn a_member_that_writes_its_record_anew_is_seen_at_the_hub(hub: Backend) {
    let province = Province::found(hub).await;
    let member = province.commune("xã Kon Braih").await;
    member
        .staff()
        .await
        .publish(&Text::article("Tin đầu tiên"))
        .await;
    let said = member.command_says(&["audit", "verify"]).await;
    assert!(said.contains("Cổng của tỉnh xác nhận"), "{said}");

    // The last record goes, and what is left fits together.
    member
        .behind_plainly(&format!(
            "{}UPDATE audit_chain SET head_seq = head_seq - 1, head_digest = \
             (SELECT previous FROM audit_records ORDER BY seq DESC LIMIT 1); \
             DELETE FROM audit_records WHERE seq > (SELECT head_seq FROM audit_chain)",
            unguarded(Backend::Sqlite)
        ))
        .await;
    let refused = member.run(&["audit", "verify"]).await;
    let said = refused.expect_err("the hub knows better");
    assert!(said.contains("cổng của tỉnh giữ mã băm khác"), "{said}");

    let admin = province.hub.account("hub_admin").await;
    let admin = province.hub.sign_in(admin).await;
    let heads = "/quan-tri/don-vi/nhat-ky";
    let page = admin.visitor.get(heads).await;
    page.must_say("Không khớp");
    page.must_say("nay không còn");
}

/// What is typed here is somebody's own, and may stand nowhere but where it is kept.
const TYPED: [&str; 6] = [
    "hoangyen-go-nham-o",
    "hoàng yến sai mật khẩu",
    "hoàng yến đậu cành tre xanh",
    "hoàng yến tiêu đề chưa đăng",
    "hoàng yến tóm tắt chưa đăng",
    "hoàng yến nội dung chưa đăng",
];

async fn nothing_secret_is_in_the_record_its_export_or_the_log(hub: Backend) {
    let province = Province::found(hub).await;
    let member = province.commune("xã Kon Braih").await;
    for server in [&province.hub, &member.server] {
        holds_its_tongue(server).await;
    }
}

async fn holds_its_tongue(server: &Server) {
    let [mistyped, wrong, new, title, lead, body] = TYPED;
    let mut secrets: Vec<String> = TYPED.map(str::to_owned).to_vec();
    secrets.push(PASSWORD.to_owned());

    // Somebody types the password wrong, and into the wrong field.
    let login = server.account("admin").await;
    for (name, password) in [(mistyped, "x"), (login.as_str(), wrong)] {
        let visitor = server.visitor();
        let page = visitor.get("/quan-tri/dang-nhap").await;
        let form = page.form("sign-in").with("username", name);
        let refused = visitor.submit(form.with("password", password), "").await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        secrets.extend(visitor.cookie_values());
    }
    // Somebody sets up a second factor, and comes in with a code on paper.
    let admin = server.visitor();
    let page = signing_in::gives_password(&admin, &login).await;
    secrets.extend(admin.cookie_values());
    secrets.push(signing_in::secret(&page));
    signing_in::sets_up(&admin, &login, page).await;
    let elsewhere = server.visitor();
    let step = signing_in::gives_password(&elsewhere, &login).await;
    let paper = signing_in::paper(&login);
    let form = step.form("second-step").with("code", &paper);
    elsewhere.submit(form, "").await.must_say("Đăng xuất");
    secrets.extend(elsewhere.cookie_values());
    secrets.extend([paper, signing_in::paper(&login)]);

    // They invite somebody, who follows the link and takes a password.
    let page = admin.get("/quan-tri/nguoi-dung/moi").await;
    let guest = page
        .form("invite")
        .with("login", &format!("{login}-khach"))
        .with("name", "Y Khách")
        .ticked("grant", "contributor");
    let shown = admin.submit(guest, "").await;
    let (_, link) = shown.body.split_once("?ma=").expect("a link");
    let token = link.split(['"', '<', '\n']).next().expect("a token").trim();
    secrets.push(token.to_owned());
    let guest = server.visitor();
    let page = guest.get(&format!("/quan-tri/loi-moi?ma={token}")).await;
    let form = page.form("take-up").with("password", new);
    guest.submit(form, "").await.must_say("Đăng xuất");
    secrets.extend(guest.cookie_values());

    // The guest writes something and keeps it to themselves.
    let page = guest.get("/quan-tri/bai-viet/moi").await;
    let form = page
        .form("entry-form")
        .with("title", title)
        .with("lead", lead)
        .with("body", body)
        .with("section", "kinh-te");
    guest.submit(form, "save").await.must_say(title);
    secrets.extend(admin.cookie_values());

    let page = admin.get(PAGE).await;
    for said in [
        "Mời mở tài khoản",
        "Dùng một mã khôi phục",
        "Bật xác thực hai bước",
        "Bắt đầu soạn bài",
        "bị từ chối",
    ] {
        page.must_say(said);
    }
    let places = [
        ("the page", page.body),
        (
            "the JSON lines",
            admin.get(&format!("{PAGE}/xuat?dang=jsonl")).await.body,
        ),
        (
            "the table",
            admin.get(&format!("{PAGE}/xuat?dang=csv")).await.body,
        ),
        ("the log", server.log()),
    ];
    for (place, text) in places {
        assert!(text.contains(&login), "{place} says who it was");
        for secret in secrets.iter().filter(|secret| secret.len() > 4) {
            // What the reader types into the page is theirs; its own token stands in its forms.
            let is_shown = text.contains(secret.as_str());
            assert!(!is_shown, "{secret:?} is in {place}");
        }
    }
}
