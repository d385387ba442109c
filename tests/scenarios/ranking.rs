//! What a commune publishes is graded by the province, counted, and opened again row by row; all of it without anybody
//! reporting anything.

use shared::problem::ProblemKind;
use shared::ranking::rows::Rows;
use tests::signing_in::comes_in;
use tests::{Backend, Page, Province, Text, Visitor, eventually};

on_both_databases! {
    a_graded_article_is_counted_and_leads_back_to_itself
    a_member_is_told_its_numbers_objects_and_reads_the_answer
}

const RANKINGS: &str = "/quan-tri/xep-hang";
/// Where a member sees its own numbers.
const OWN: &str = "/quan-tri/diem-so";

async fn a_graded_article_is_counted_and_leads_back_to_itself(hub: Backend) {
    let province = Province::found(hub).await;
    let kon_braih = province.commune("xã Kon Braih").await;
    province.commune("xã Đăk Kôi").await;
    let title = "Kon Braih vào mùa hái cà phê";
    let authors = kon_braih.staff().await;
    authors.publish(&Text::article(title)).await;

    // The province accepts it and says how good it is; its authors are told.
    let editor = province.hub.staff().await;
    let page = editor
        .visitor
        .get(&editor.finds_in_inbox(title).await)
        .await;
    let form = page.form("inbox-decision").with("grade", "a");
    let form = match form.value("section") {
        Some("") | None => form.with("section", "kinh-te"),
        Some(_) => form,
    };
    editor
        .visitor
        .submit(form, "take")
        .await
        .must_say("Đã nhận");
    eventually("the authors see the grade", async || {
        authors
            .sent()
            .await
            .showing("Đã đăng trên cổng tỉnh, loại A")
    })
    .await;

    // The month is opened and counted at once.
    let login = province.hub.account("hub_admin").await;
    let admin = province.hub.visitor();
    comes_in(&admin, &login).await;
    let today = admin.get("/quan-tri/bao-cao?kind=nam").await;
    today.must_say("Báo cáo năm");
    let form = admin.get(RANKINGS).await.form("open-period");
    let (year, month) = this_month();
    let form = form
        .with("kind", "thang")
        .with("year", &year)
        .with("number", &month);
    let page = admin.submit(form, "").await;
    page.must_say("Xã Kon Braih");
    page.must_say("Chưa đo, điểm chia cho các chỉ số khác");
    let sheet = link(&page, "Xã Kon Braih");
    let sheet = admin.get(&sheet).await;
    sheet.must_say("Tin, bài tự viết so với chỉ tiêu");
    for number in ["Tin, bài tự viết", "Bài tỉnh nhận, loại A"] {
        let rows = admin.get(&link(&sheet, number)).await;
        rows.must_say(title);
        assert!(!rows.says("cộng lại là"), "{number}: {}", rows.body);
    }

    // Nobody who only writes sees any of it.
    let writer = province.hub.account("contributor").await;
    let other = province.hub.visitor();
    comes_in(&other, &writer).await;
    assert_eq!(other.get(RANKINGS).await.status, 403);
    province
        .hub
        .visitor()
        .get("/xep-hang")
        .await
        .must_say("chưa công bố");
}

/// The year and the month it is in Vietnam.
fn this_month() -> (String, String) {
    let now = shared::vietnamese::local(shared::clock::Clock::system().now());
    (now.format("%Y").to_string(), now.format("%-m").to_string())
}

/// Where `text` leads.
fn link(page: &Page, text: &str) -> String {
    let found = page.link(text);
    found.unwrap_or_else(|| panic!("no link says {text}: {}", page.body))
}

async fn a_member_is_told_its_numbers_objects_and_reads_the_answer(hub: Backend) {
    let mut province = Province::found(hub).await;
    let commune = province.commune("xã Kon Braih").await;
    let peer = province.faulty_peer("xã Đăk Kôi").await;
    let title = "Kon Braih vào mùa hái cà phê";
    let authors = commune.staff().await;
    authors.publish(&Text::article(title)).await;
    province.hub.staff().await.finds_in_inbox(title).await;
    was_last_month(&province).await;

    let login = province.hub.account("hub_admin").await;
    let admin = province.hub.visitor();
    comes_in(&admin, &login).await;
    let period = opens_last_month(&admin).await;
    let here = authors.visitor.get(OWN).await;
    here.must_say("Tỉnh chưa gửi kết quả chấm điểm nào.");
    let id = period.rsplit('/').next().expect("an id");
    let asked = format!("/v1/rankings/{id}/originals");
    let too_early = peer.send(&peer.question(&asked)).await;
    too_early.must_be(ProblemKind::NotFound);
    moves(&admin, &period, "window").await;

    // The member is told, sees its own numbers, and objects where it is.
    let (year, month) = last_month();
    let label = format!("Tháng {}/{year}", month.trim_start_matches('0'));
    let own = eventually("the member is told", async || {
        let list = authors.visitor.get(OWN).await;
        list.showing("Tự đánh giá, giải trình đến hết ngày")
            .map(|list| link(&list, &label))
    })
    .await;
    let page = authors.visitor.get(&own).await;
    page.must_say("Tin, bài tự viết so với chỉ tiêu");
    let rows = link(&page, "Tin, bài tự viết");
    let counted = authors.visitor.get(&rows).await;
    counted.must_say(title);
    counted.must_say("Xã Kon Braih: 1, đếm lúc");
    // Whoever else asks gets rows of its own.
    let of_another: Rows = peer
        .send(&peer.question(&asked))
        .await
        .read()
        .expect("rows");
    assert_eq!((of_another.counted, of_another.rows.len()), (Some(0), 0));
    let form = page
        .form("object")
        .with("indicator", "E1")
        .with("words", "Còn một bài đăng ngày cuối tháng.");
    authors.visitor.submit(form, "").await.must_say("Đã gửi");
    let form = authors
        .visitor
        .get(&own)
        .await
        .form("self-score")
        .with("indicator", "E1")
        .with("points", "2,5")
        .with("evidence", "Sổ theo dõi tin, bài.");
    authors.visitor.submit(form, "").await.must_say("Đã gửi");

    // The province reads it beside the numbers, and the numbers stay.
    let sheet = link(&admin.get(&period).await, "Xã Kon Braih");
    let page = eventually("the province reads it", async || {
        let page = admin.get(&sheet).await;
        page.showing("Còn một bài đăng ngày cuối tháng.")?
            .showing("Sổ theo dõi tin, bài.")
    })
    .await;
    let form = page
        .form("answer")
        .with("outcome", "granted")
        .with("answer", "Đúng, đăng lúc 23 giờ.");
    admin.submit(form, "").await;
    let form = admin
        .get(&sheet)
        .await
        .form("adjust")
        .with("input", "originals")
        .with("delta", "1")
        .with("reason", "Bài đăng lúc 23 giờ.");
    admin.submit(form, "").await;
    let answered = eventually("the member reads the answer", async || {
        let page = authors.visitor.get(&own).await;
        page.showing("Đúng, đăng lúc 23 giờ.")?
            .showing("+1. Bài đăng lúc 23 giờ.")
    })
    .await;
    assert!(!answered.says("Đang gửi"), "{}", answered.body);

    // What comes after the last day is not taken, and who sent it reads why.
    province
        .behind_plainly("UPDATE ranking_periods SET window_until = '2026-01-01'")
        .await;
    let form = answered
        .form("object")
        .with("indicator", "I1")
        .with("words", "Xin xem lại.");
    for words in ["Xin xem lại.", "Xin xem lại một lần nữa."] {
        let form = form.clone().with("words", words);
        authors.visitor.submit(form, "").await.must_say("Đã gửi");
    }
    eventually("the member reads why not, of each", async || {
        let page = authors.visitor.get(&own).await;
        let page = page
            .showing("Đã hết thời gian tự đánh giá, giải trình của kỳ này.")?
            .without("Đang gửi")?;
        match page.body.matches("Tỉnh không nhận").count() {
            2 => Ok(()),
            other => Err(format!("{other} of them")),
        }
    })
    .await;

    moves(&admin, &period, "freeze").await;
    moves(&admin, &period, "publish").await;
    let public = province.hub.visitor().get("/xep-hang").await;
    public.must_say("Xã Kon Braih");
    eventually("the member is told where to see it", async || {
        let page = authors.visitor.get(&own).await;
        page.showing("Đã công bố")?
            .showing(&province.hub.address("/xep-hang?ky="))
    })
    .await;
    let told = authors.visitor.get(&own).await;
    assert!(!told.says("Gửi giải trình"), "{}", told.body);

    province.hub.kill_9();
    let alone = authors.visitor.get(&rows).await;
    alone.must_say("Chưa hỏi được cổng tỉnh");
}

/// What was published until now was published in the middle of the month before.
pub(crate) async fn was_last_month(province: &Province) {
    // A hub that was just founded looks through all it holds, and would mend what is changed here.
    eventually("the hub has looked through what it holds", async || {
        let log = province.hub.log();
        match log.contains("looked through all that is held") {
            true => Ok(()),
            false => Err(log),
        }
    })
    .await;
    let (year, month) = last_month();
    let then = format!("{year}-{month}-15T08:00:00+07:00");
    let then = chrono::DateTime::parse_from_rfc3339(&then).expect("a time");
    let aged = format!(
        "UPDATE entries SET published_at = {}",
        then.timestamp_millis()
    );
    province.behind_plainly(&aged).await;
}

/// The page of the month before this one, opened and counted.
async fn opens_last_month(admin: &Visitor) -> String {
    let (year, month) = last_month();
    let form = admin
        .get(RANKINGS)
        .await
        .form("open-period")
        .with("kind", "thang")
        .with("year", &year)
        .with("number", &month);
    let page = admin.submit(form, "").await;
    page.must_say("Xã Kon Braih");
    let path = page.path.split('?').next();
    path.expect("a path").to_owned()
}

/// Takes the next step of the period at `path`.
async fn moves(admin: &Visitor, path: &str, step: &str) {
    let page = admin.get(path).await;
    let form = page.form(&format!("step-{step}")).ticked("confirm", "1");
    admin
        .submit(form, "")
        .await
        .must_say("Đã ghi vào kỳ chấm điểm.");
}

/// The year and the month it was in Vietnam a month ago.
pub(crate) fn last_month() -> (String, String) {
    let now = shared::vietnamese::local(shared::clock::Clock::system().now());
    let before = now - chrono::Months::new(1);
    let part = |format: &str| before.format(format).to_string();
    (part("%Y"), part("%m"))
}
