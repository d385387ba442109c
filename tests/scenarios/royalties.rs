//! Royalties: graded, approved, locked, and then the same for ever.

use tests::{Backend, Province, Text};

on_both_databases! {
    an_article_is_graded_and_paid_by_a_statement_that_nobody_can_change
}

async fn an_article_is_graded_and_paid_by_a_statement_that_nobody_can_change(hub: Backend) {
    let province = Province::found(hub).await;
    let server = &province.hub;
    let title = "Ra quân làm đường bê tông thôn 9";
    let staff = server.staff().await;
    let written = staff.publish(&Text::article(title)).await;
    let chief = server.account("chief_editor").await;
    let chief = server.sign_in(chief).await.visitor;
    let accountant = server.account("accountant").await;
    let accountant = server.sign_in(accountant).await.visitor;

    let all = chief.get("/quan-tri/nhuan-but").await;
    all.must_say("Chưa có tháng nào có nhuận bút.");
    let this_month = all.body.split("href=\"/quan-tri/nhuan-but/").nth(1);
    let this_month = this_month.and_then(|rest| rest.split('"').next());
    let month = format!("/quan-tri/nhuan-but/{}", this_month.expect("this month"));
    let page = chief.get(&month).await;
    page.must_say("1 bài đăng trong tháng chưa chấm");
    let form = chief.get(&format!("{}/nhuan-but", written.form)).await;
    let form = form
        .form("royalty-grade")
        .with("royalty_genre", "tin")
        .with("royalty_coefficient", "1,5")
        .with("royalty_parts-0", "2")
        .with("royalty_name-1", "A Mẫu");
    chief.submit(form, "").await.must_say("Đã ghi");

    let page = chief.get(&month).await;
    page.must_say("379.500 đ");
    page.must_say("126.500 đ");
    let approve = page.form("royalty-approve");
    chief
        .submit(approve, "approve")
        .await
        .must_say("Đã duyệt bảng kê.");
    let ask = chief.get(&format!("{month}/khoa")).await;
    let lock = ask.form_to(&format!("{month}/khoa"));
    chief.submit(lock, "").await.must_say("Đã khóa bảng kê");

    let csv = accountant.get(&format!("{month}/bang-ke.csv")).await.body;
    assert!(csv.contains(title) && csv.contains(",126500,"), "{csv}");
    let payments = accountant.get(&format!("{month}/chi-tra.csv")).await.body;
    staff.withdraw(&written, "Trùng bài").await;
    for sql in [
        "UPDATE royalty_lines SET share = 1",
        "DELETE FROM royalty_lines",
        "UPDATE royalty_payments SET net = 1",
        "DELETE FROM royalty_payments",
        "INSERT INTO royalty_payments SELECT month, entry_id, 'Ai', 1, committed, 1, 1, 0, 1 \
         FROM royalty_lines JOIN (SELECT committed FROM royalty_payments LIMIT 1) one ON 1 = 1 \
         WHERE number = 1",
        "UPDATE royalty_statements SET gross = 1",
        "DELETE FROM royalty_statements",
    ] {
        let refused = province.behind_refused(sql).await;
        assert!(refused.contains("never changes"), "{sql}: {refused}");
    }
    let again = accountant.get(&format!("{month}/bang-ke.csv")).await.body;
    assert_eq!(again, csv);
    let again = accountant.get(&format!("{month}/chi-tra.csv")).await.body;
    assert_eq!(again, payments);
}
