use crate::accounts::Role;
use crate::newsroom::draft;
use crate::newsroom::workflow::State;
use crate::pages::newsroom::tests::{ARTICLE, NEW, newsroom, only_draft, send, with};
use crate::royalties::{grade, statement};
use crate::testing::{self, SignedIn, TestSite, get, post};
use axum::Router;
use axum::http::StatusCode;

const MONTH: &str = "/quan-tri/nhuan-but/2026-11";

/// An article handed in by a contributor.
async fn handed_in(site: &TestSite, routes: &Router, writer: &SignedIn) -> draft::Model {
    let fields = with(&ARTICLE, &[("action", "submit")]);
    send(routes, NEW, writer, &fields, None).await;
    only_draft(site).await
}

/// What an approver types to publish it, worth 1.5 to its writer and half of that to somebody else.
fn fields<'a>(revision: &'a str, writer: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("revision", revision),
        ("royalty_genre", "tin"),
        ("royalty_coefficient", "1,5"),
        ("royalty_who-0", writer),
        ("royalty_parts-0", "2"),
        ("royalty_name-1", "Y Thử"),
        ("royalty_parts-1", "1"),
    ]
}

#[tokio::test]
async fn an_entry_is_graded_where_it_is_approved_and_paid_by_a_locked_statement() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let chief = testing::sign_in(&site, Role::ChiefEditor).await;
    let accountant = testing::sign_in(&site, Role::Accountant).await;
    let draft = handed_in(&site, &routes, &writer).await;
    let publish = format!("/quan-tri/bai-viet/{}/dang", draft.id);
    let page = get(&routes, &publish, Some(&approver)).await;
    assert!(page.body.contains("Chấm nhuận bút"), "{}", page.body);

    // What is out of the table is told, and nothing is published.
    let revision = draft.version().to_string();
    let who = format!("account:{}", writer.account.id);
    let mut typed = fields(&revision, &who);
    typed[2] = ("royalty_coefficient", "2,5");
    let answer = post(&routes, &publish, Some(&approver), &typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("Hệ số của “Tin” từ 0,5 đến 2."),
        "{}",
        answer.body
    );
    assert!(
        answer.body.contains("value=\"Y Thử\""),
        "what was typed stays"
    );
    assert_eq!(only_draft(&site).await.state(), State::Submitted);

    let typed = fields(&revision, &who);
    let answer = post(&routes, &publish, Some(&approver), &typed).await;
    assert_eq!(
        answer.location(),
        "/quan-tri/bai-viet?xong=dang",
        "{}",
        answer.body
    );
    let own = get(&routes, "/quan-tri/nhuan-but-cua-toi", Some(&writer)).await;
    assert!(
        own.body.contains("253.000 đ") && own.body.contains("Đang tính"),
        "{}",
        own.body
    );
    assert!(!own.body.contains("126.500"), "nobody sees what others get");

    // 1.5 × 253,000 = 379,500: 253,000 and 126,500.
    let page = get(&routes, MONTH, Some(&chief)).await;
    for words in [
        "379.500 đ",
        "253.000 đ",
        "126.500 đ",
        "Y Thử",
        "Duyệt bảng kê",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let seen = page.body.split("name=\"seen\" value=\"").nth(1);
    let seen = seen
        .and_then(|rest| rest.split('"').next())
        .expect("a digest");
    let approve = [
        ("action", "approve"),
        ("seen", seen),
        ("pay_on", "30/11/2026"),
    ];
    let file = format!("{MONTH}/bang-ke.csv");
    let early = get(&routes, &file, Some(&accountant)).await;
    assert_eq!(
        early.status,
        StatusCode::CONFLICT,
        "nothing is taken along that may change"
    );
    let stale = [
        ("action", "approve"),
        ("seen", "ab"),
        ("pay_on", "30/11/2026"),
    ];
    let answer = post(&routes, MONTH, Some(&chief), &stale).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = post(&routes, MONTH, Some(&accountant), &approve).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = post(&routes, MONTH, Some(&chief), &approve).await;
    assert_eq!(answer.location(), format!("{MONTH}?xong=duyet-bang-ke"));
    let ask = get(&routes, &format!("{MONTH}/khoa"), Some(&chief)).await;
    assert!(ask.body.contains("không đổi được nữa"), "{}", ask.body);
    let answer = post(&routes, &format!("{MONTH}/khoa"), Some(&chief), &[]).await;
    assert_eq!(answer.location(), format!("{MONTH}?xong=khoa-bang-ke"));

    let csv = get(&routes, &file, Some(&accountant)).await;
    assert!(csv.body.contains(",253000,,\r\n"), "{}", csv.body);
    for path in ["chi-tra.csv", "bang-ke.xlsx"] {
        let answer = get(&routes, &format!("{MONTH}/{path}"), Some(&accountant)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
    let list = get(&routes, "/quan-tri/nhuan-but", Some(&accountant)).await;
    assert!(
        list.body.contains("Đã khóa") && list.body.contains("379.500"),
        "{}",
        list.body
    );
    let own = get(&routes, "/quan-tri/nhuan-but-cua-toi", Some(&writer)).await;
    assert!(own.body.contains("Đã khóa"), "{}", own.body);
    // Graded, paid, and not asked about any more.
    let path = format!("/quan-tri/bai-viet/{}/nhuan-but", draft.id);
    let page = get(&routes, &path, Some(&approver)).await;
    assert!(
        page.body
            .contains("đã trả nhuận bút trong bảng kê tháng 11/2026"),
        "{}",
        page.body
    );
    let late = post(&routes, &path, Some(&approver), &fields(&revision, &who)).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_entry_can_be_graded_after_it_was_published_and_left_without_a_grade() {
    let (site, routes) = newsroom().await;
    let writer = testing::sign_in(&site, Role::Contributor).await;
    let approver = testing::sign_in(&site, Role::Approver).await;
    let chief = testing::sign_in(&site, Role::ChiefEditor).await;
    let draft = handed_in(&site, &routes, &writer).await;
    let revision = draft.version().to_string();
    let publish = format!("/quan-tri/bai-viet/{}/dang", draft.id);
    let answer = post(
        &routes,
        &publish,
        Some(&approver),
        &[("revision", &revision)],
    )
    .await;
    assert_eq!(answer.location(), "/quan-tri/bai-viet?xong=dang");
    let graded = async || {
        let found = grade::find(site.db.reader(), draft.entry_id).await;
        found.expect("reads").is_some()
    };
    assert!(!graded().await);
    let page = get(&routes, MONTH, Some(&chief)).await;
    assert!(
        page.body.contains("1 bài đăng trong tháng chưa chấm"),
        "{}",
        page.body
    );
    let path = format!("/quan-tri/bai-viet/{}/nhuan-but", draft.id);
    assert!(page.body.contains(&path), "{}", page.body);
    let who = format!("account:{}", writer.account.id);
    let answer = post(&routes, &path, Some(&approver), &fields(&revision, &who)).await;
    assert_eq!(answer.location(), format!("{path}?xong=cham-nhuan-but"));
    assert!(graded().await);
    let page = get(&routes, &path, Some(&approver)).await;
    assert!(page.body.contains("value=\"1,5\""), "{}", page.body);
    let back = [("action", "take_back")];
    post(&routes, &path, Some(&approver), &back).await;
    assert!(!graded().await);
    assert_eq!(statement::count(site.db.reader()).await.expect("counts"), 0);
}

#[tokio::test]
async fn the_accountant_notes_commitments_and_the_chief_editor_sets_rates() {
    let (site, routes) = newsroom().await;
    let accountant = testing::sign_in(&site, Role::Accountant).await;
    let chief = testing::sign_in(&site, Role::ChiefEditor).await;
    let people = "/quan-tri/nhuan-but/nguoi-nhan";
    let add = [("action", "add"), ("name", "Y Thử")];
    let answer = post(&routes, people, Some(&accountant), &add).await;
    assert_eq!(answer.location(), format!("{people}?xong=luu"));
    let id = crate::royalties::person::all(site.db.reader())
        .await
        .expect("reads")[0]
        .id;
    let id = id.to_string();
    let commit = [
        ("action", "commit"),
        ("id", id.as_str()),
        ("from", "1/1/2026"),
        ("until", "31/12/2025"),
    ];
    let answer = post(&routes, people, Some(&accountant), &commit).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Ngày cuối không được trước ngày đầu."));
    let commit = with(&commit, &[("until", "31/12/2026")]);
    post(&routes, people, Some(&accountant), &commit).await;
    let page = get(&routes, people, Some(&accountant)).await;
    assert!(
        page.body.contains("01/01/2026 – 31/12/2026"),
        "{}",
        page.body
    );

    let rates = "/quan-tri/nhuan-but/bieu";
    let page = get(&routes, rates, Some(&accountant)).await;
    assert!(
        page.body.contains("Nghị định 18/2014/NĐ-CP"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("Lưu thành bản mới"));
    let page = get(&routes, rates, Some(&chief)).await;
    assert!(page.body.contains("mẫu kèm phần mềm"), "{}", page.body);
    let in_force = crate::royalties::versions::in_force(site.db.reader()).await;
    let in_force = in_force.expect("reads");
    let typed = crate::royalties::rates::form::Typed::of(&in_force.rates);
    let typed: Vec<(String, String)> = typed.fields().collect();
    let mut sent: Vec<(&str, &str)> = typed
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    sent.retain(|(name, _)| *name != "factor");
    let wrong = with(&sent, &[("after", "0"), ("factor", "nhiều")]);
    let answer = post(&routes, rates, Some(&chief), &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = with(&sent, &[("after", "0"), ("factor", "80")]);
    let answer = post(&routes, rates, Some(&accountant), &right).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = post(&routes, rates, Some(&chief), &right).await;
    assert_eq!(
        answer.location(),
        format!("{rates}?xong=luu"),
        "{}",
        answer.body
    );
    let answer = post(&routes, rates, Some(&chief), &right).await;
    assert_eq!(
        answer.status,
        StatusCode::CONFLICT,
        "somebody else's version is not lost"
    );
    let page = get(&routes, rates, Some(&chief)).await;
    assert!(
        page.body.contains("bản số 1") && !page.body.contains("đang là mẫu"),
        "{}",
        page.body
    );
}
