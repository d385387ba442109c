//! Who may come in: a member site that is no demo asks those who publish for a second factor.

use tests::{Backend, Page, Province, bounded, signing_in};

const NEW: &str = "/quan-tri/bai-viet/moi";

#[tokio::test]
async fn whoever_publishes_sets_up_a_second_factor_before_anything_else() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let kon_braih = province.commune("xã Kon Braih").await;

        let writer = kon_braih.visitor();
        let login = kon_braih.account("contributor").await;
        let desk = signing_in::gives_password(&writer, &login).await;
        desk.must_say("Bàn làm việc");

        let approver = kon_braih.visitor();
        let login = kon_braih.account("approver").await;
        let page = signing_in::gives_password(&approver, &login).await;
        page.must_say("Bật xác thực hai lớp");
        for path in ["/quan-tri", NEW, "/quan-tri/tai-khoan", "/quan-tri/quyen"] {
            let page = approver.get(path).await;
            assert!(
                page.path.starts_with("/quan-tri/tai-khoan/hai-lop"),
                "{path} opens {}",
                page.path
            );
        }
        let page = approver.get("/quan-tri/tai-khoan/hai-lop").await;
        let code = signing_in::telephone(&page);
        let wrong = page.form("set-up-factor").with("code", "000 000");
        if code != "000000" {
            refused(&approver.submit(wrong, "on").await);
        }
        let page = approver.get("/quan-tri/tai-khoan/hai-lop").await;
        signing_in::sets_up(&approver, &login, page).await;
        approver.get(NEW).await.must_say("Viết bài mới");

        // Elsewhere the password alone opens nothing, and a code opens once.
        let elsewhere = kon_braih.visitor();
        let step = signing_in::gives_password(&elsewhere, &login).await;
        step.must_say("Nhập mã xác thực");
        elsewhere.get(NEW).await.must_say("Đăng nhập");
        let elsewhere = kon_braih.visitor();
        let step = signing_in::gives_password(&elsewhere, &login).await;
        let used = step.form("second-step").with("code", &code);
        refused(&elsewhere.submit(used, "").await);
        let paper = signing_in::paper(&login);
        let step = elsewhere.get("/quan-tri/dang-nhap/ma").await;
        let form = step.form("second-step").with("code", &paper);
        elsewhere.submit(form, "").await.must_say("Đăng xuất");

        // The person at the machine can help somebody who lost the telephone and the paper.
        kon_braih
            .command_says(&["account", "reset-two-factor", &login])
            .await;
        elsewhere.get(NEW).await.must_say("Đăng nhập");
        let again = kon_braih.visitor();
        let page = signing_in::gives_password(&again, &login).await;
        page.must_say("Bật xác thực hai lớp");
    })
    .await;
}

fn refused(page: &Page) {
    assert_eq!(page.status, 422);
    assert!(page.says("Mã chưa đúng hoặc đã dùng"), "{}", page.body);
}
