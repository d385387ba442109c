//! What people ask and report, and what they tell in confidence: from the site where they are to the office
//! that answers, and back.

use std::path::{Path, PathBuf};
use tests::forms::Form;
use tests::newsroom::{Staff, png};
use tests::visitor::{Page, file};
use tests::{Backend, NewMember, Province, Visitor, eventually};

on_both_databases! {
    a_question_for_a_department_is_answered_there_and_read_where_it_was_asked
    a_report_that_came_to_the_wrong_office_is_passed_on_and_stays_one_thread
    a_comment_given_at_a_commune_reaches_the_province_and_its_answer_is_rated_there
    a_tip_is_read_by_its_office_and_by_nobody_else
}

async fn a_question_for_a_department_is_answered_there_and_read_where_it_was_asked(hub: Backend) {
    let province = Province::found(hub).await;
    let commune = province.commune("xã Kon Braih").await;
    let department = province.join(department("sở Y tế")).await;

    let citizen = commune.visitor();
    let form = knowing(&citizen, "/hoi-dap/gui", "Sở Y tế").await;
    let form = form
        .with("subject", "Thẻ bảo hiểm y tế của trẻ em")
        .with("words", "Con tôi mới sinh tháng trước, làm thẻ ở đâu?")
        .with("asker", "Y Thử")
        .with("contact", "0900 000 001");
    let receipt = send(&citizen, form).await;
    receipt.must_say("Sở Y tế");
    let code = code_of(&receipt);

    let office = department.staff().await;
    let case = eventually("the department has it", async || {
        case_at(&office, "Thẻ bảo hiểm y tế của trẻ em").await
    })
    .await;
    let page = office.visitor.get(&case).await;
    for known in ["Con tôi mới sinh", "Y Thử", "0900 000 001", "Xã Kon Braih"] {
        page.must_say(known);
    }
    answer(
        &office,
        &case,
        "answered",
        "Nộp tại bộ phận một cửa của xã, không mất phí.",
    )
    .await;

    eventually("it is read where it was asked", async || {
        follow(&citizen, &code)
            .await
            .showing("Nộp tại bộ phận một cửa của xã")
    })
    .await
    .must_say("Đã trả lời");
    // Who has no receipt sees nothing, and nothing of it is public.
    let wrong = follow(&citizen, "0000-0000-0000-0000-0000").await;
    assert_eq!(wrong.status, 422);
    for site in [&commune.server, &department.server, &province.hub] {
        for page in ["/", "/hoi-dap", "/feed.json", "/tim-kiem?q=bao+hiem+y+te"] {
            let page = site.visitor().get(page).await;
            assert!(!page.body.contains("Con tôi mới sinh"), "{}", page.body);
        }
    }
    // Neither does the province read along: the case is another unit's.
    let editor = province.hub.staff().await;
    assert!(case_at(&editor, "Thẻ bảo hiểm").await.is_err());
}

async fn a_report_that_came_to_the_wrong_office_is_passed_on_and_stays_one_thread(hub: Backend) {
    let province = Province::found(hub).await;
    let commune = province.commune("xã Kon Braih").await;
    let away = province.join(NewMember::behind_nat("xã Đăk Kôi")).await;

    let citizen = commune.visitor();
    let form = knowing(&citizen, "/phan-anh/gui", "Xã Kon Braih").await;
    let form = form
        .with("subject", "Cầu treo mất ván")
        .with(
            "words",
            "Cầu treo qua suối mất bốn tấm ván, trẻ em đi học rất nguy hiểm.",
        )
        .with("place", "Suối Đăk Pne")
        .with_part("pictures", file("cau.png", "image/png", png()));
    let code = code_of(&send(&citizen, form).await);

    // It is not the commune's bridge: the neighbour, who nobody can call, sees to it.
    let desk = commune.staff().await;
    let case = case_at(&desk, "Cầu treo mất ván").await.expect("is here");
    let page = desk.visitor.get(&case).await;
    let picture = picture_in(&page);
    let to = option(&page.body, "Xã Đăk Kôi").expect("a choice");
    let form = page
        .form("pass-on-form")
        .with("to", &to)
        .with("reason", "Cầu thuộc địa bàn xã Đăk Kôi.");
    let shown = desk.visitor.get(&picture).await;
    assert!(is_picture(&shown), "{}", shown.body);
    let turned_away = citizen.get(&picture).await;
    turned_away.must_say("Đăng nhập");
    assert!(!is_picture(&turned_away), "nobody else sees it");
    desk.visitor.submit(form, "passed_on").await;

    let neighbour = away.staff().await;
    let case = eventually("the neighbour has it", async || {
        case_at(&neighbour, "Cầu treo mất ván").await
    })
    .await;
    let page = neighbour.visitor.get(&case).await;
    page.must_say("Cầu thuộc địa bàn xã Đăk Kôi.");
    let shown = neighbour.visitor.get(&picture_in(&page)).await;
    assert!(is_picture(&shown), "pictures go with it");
    answer(
        &neighbour,
        &case,
        "asked_back",
        "Cầu đầu thôn hay cuối thôn?",
    )
    .await;
    eventually("who asked is asked", async || {
        follow(&citizen, &code)
            .await
            .showing("Cầu đầu thôn hay cuối thôn?")?
            .showing("Chờ bổ sung")
    })
    .await;
    add(&citizen, &code, "Cuối thôn, gần nhà rông.").await;
    eventually("the neighbour reads on", async || {
        neighbour.visitor.get(&case).await.showing("gần nhà rông")
    })
    .await;
    answer(&neighbour, &case, "answered", "Đã thay bốn tấm ván.").await;
    let thread = eventually("it is done", async || {
        follow(&citizen, &code)
            .await
            .showing("Đã thay bốn tấm ván.")
    })
    .await;
    let order = [
        "trẻ em đi học rất nguy hiểm",
        "Cầu thuộc địa bàn",
        "đầu thôn hay cuối thôn",
        "gần nhà rông",
        "Đã thay bốn tấm ván",
    ];
    let places = order.map(|words| thread.body.find(words).expect(words));
    assert!(places.is_sorted(), "{places:?}");
    // Who passed it on has no more to say.
    let page = desk.visitor.get(&case).await;
    assert!(!page.body.contains("answer-form"));
}

async fn a_comment_given_at_a_commune_reaches_the_province_and_its_answer_is_rated_there(
    hub: Backend,
) {
    let province = Province::found(hub).await;
    let commune = province.commune("xã Kon Braih").await;
    let title = "Dự thảo Nghị quyết hỗ trợ sửa nhà rông";
    let editor = province.hub.staff().await;
    let form = editor
        .blank()
        .await
        .with("kind", "consultation")
        .with("title", title)
        .with("section", "lay-y-kien-du-thao")
        .with("body", "Mỗi nhà rông được hỗ trợ 50 triệu đồng.")
        .with("closes_on", "31/12/2090");
    let draft = editor.publish_form(form, "").await;
    commune.staff().await.accept(title).await;

    let citizen = commune.visitor();
    let page = citizen.get(&draft.page).await;
    let form = page.link("Gửi ý kiến góp ý").expect("a way to comment");
    let form = citizen.get(&form).await.form("ask-form");
    let words = "Nên hỗ trợ cả tiền lợp mái hằng năm.";
    let receipt = send(&citizen, form.with("words", words)).await;
    receipt.must_say("Tỉnh Quảng Ngãi");
    let code = code_of(&receipt);

    let list = eventually("the desk of the province has it", async || {
        let page = editor.visitor.get("/quan-tri/gop-y").await;
        page.link(title).ok_or(page.body)
    })
    .await;
    let list = editor.visitor.get(&list).await;
    list.must_say(words);
    let case = list.link("Người gửi không nêu tên").expect("the comment");
    answer(
        &editor,
        &case,
        "answered",
        "Đã thêm khoản 3 về tiền lợp mái.",
    )
    .await;

    let answered = eventually("it is read where it was given", async || {
        follow(&citizen, &code)
            .await
            .showing("Đã tiếp thu, giải trình")
    })
    .await;
    answered.must_say("Đã thêm khoản 3");
    let thanked = citizen
        .submit(answered.form("rating-form"), "satisfied")
        .await;
    thanked.must_say("Đã ghi nhận đánh giá của bạn");
    eventually("the province knows what it is worth", async || {
        let page = editor.visitor.get(&case).await;
        page.showing("Đánh giá câu trả lời: hài lòng")
    })
    .await;
    // It is nobody else's to read.
    for path in [draft.page.as_str(), "/feed.json", "/tim-kiem?q=lop+mai"] {
        let page = citizen.get(path).await;
        assert!(!page.body.contains(words), "{}", page.body);
    }
}

/// A word no other text has.
const CANARY: &str = "chimcanhcut4417";

async fn a_tip_is_read_by_its_office_and_by_nobody_else(hub: Backend) {
    let province = Province::found(hub).await;
    let commune = province.commune("xã Kon Braih").await;
    let inspectors = province.join(department("thanh tra tỉnh")).await;

    // The office makes its key; the province lists it; every site shows it.
    let login = inspectors.account("secrecy_officer").await;
    let office = inspectors.sign_in(login).await;
    let ask = office.visitor.get("/quan-tri/tin-bao/khoa").await;
    let shown = office.visitor.submit(ask.form("tip-key-form"), "").await;
    let secret = tests::signing_in::element(&shown, "once").trim().to_owned();
    let key = office.visitor.get("/quan-tri/tin-bao").await;
    let key = tests::signing_in::element(&key, "tip-key")
        .trim()
        .to_owned();
    let login = province.hub.account("hub_admin").await;
    let admin = province.hub.sign_in(login).await;
    let page = admin.visitor.get("/quan-tri/noi-nhan-tin").await;
    let unit = option(&page.body, "Thanh tra tỉnh").expect("a choice");
    let form = page
        .form("tip-office-form")
        .with("unit", &unit)
        .with("name", "Thanh tra tỉnh")
        .with("about", "tham nhũng, tiêu cực")
        .with("key", &key);
    admin.visitor.submit(form, "add").await;

    let citizen = commune.visitor();
    let form = eventually("the commune knows the office", async || {
        let page = citizen
            .get("/to-giac")
            .await
            .showing("Thanh tra tỉnh: tham nhũng")?;
        Ok::<_, String>(page.form("ask-form").with("to", &unit))
    })
    .await;
    let told = format!("Kế toán {CANARY} lập chứng từ khống.");
    let form = form.with("words", &told).with("contact", "gặp Y Kín");
    let code = code_of(&send(&citizen, form).await);

    // The office reads it with its code, and answers.
    let opened = eventually("the office reads it", async || {
        let page = office.visitor.get("/quan-tri/tin-bao").await;
        let form = page.form("open-tips").with("code", &secret);
        office.visitor.submit(form, "open").await.showing(CANARY)
    })
    .await;
    opened.must_say("gặp Y Kín");
    opened.must_say("Xã Kon Braih");
    let reply = Form::find(&opened.body, |form| form.value("tip").is_some()).expect("a form");
    let words = format!("Xin nói rõ {CANARY} năm nào.");
    office
        .visitor
        .submit(reply.with("words", &words), "asked_back")
        .await;
    eventually("who told reads the answer", async || {
        follow(&citizen, &code).await.showing(&words)
    })
    .await;
    add(&citizen, &code, &format!("Năm {CANARY} 2025.")).await;
    eventually("the office reads on", async || {
        let page = office.visitor.get("/quan-tri/tin-bao").await;
        let form = page.form("open-tips").with("code", &secret);
        office
            .visitor
            .submit(form, "open")
            .await
            .showing(&format!("Năm {CANARY} 2025."))
    })
    .await;
    // Another code opens nothing, also for who may try.
    let page = office.visitor.get("/quan-tri/tin-bao").await;
    let form = page
        .form("open-tips")
        .with("code", &secret[..secret.len() - 1]);
    assert_eq!(office.visitor.submit(form, "open").await.status, 422);
    // At the commune nobody is even told that there is one.
    let staff = commune.staff().await;
    for path in [
        "/quan-tri/nguoi-dan",
        "/quan-tri/nguoi-dan?trang-thai=noi-khac",
    ] {
        assert!(!staff.visitor.get(path).await.body.contains("case-item"));
    }

    let mut sites = [commune.server, inspectors.server, province.hub];
    for site in &mut sites {
        for page in [
            "/",
            "/feed.json",
            "/rss",
            "/atom",
            "/tim-kiem?q=chimcanhcut4417",
        ] {
            let page = site.visitor().get(page).await;
            let said = page.body.replace(&format!("value=\"{CANARY}\""), "");
            assert_eq!(said.matches("chứng từ khống").count(), 0, "{said}");
        }
        assert!(
            !site.log().contains(CANARY),
            "in the log of {}",
            site.base_url()
        );
        // A backup holds what the folder and the database hold, and the export all that may leave.
        let export = site.folder().join("xuat.zip");
        let path = export.to_str().expect("a path");
        site.command_says(&["export", "--to", path]).await;
        site.stop().await;
        for file in files_below(site.folder()) {
            let bytes = std::fs::read(&file).expect("reads");
            assert!(!holds(&bytes, CANARY), "{} holds it", file.display());
        }
    }
}

fn department(name: &str) -> NewMember<'_> {
    NewMember {
        kind: "so",
        ..NewMember::commune(name)
    }
}

/// The form at `path` of somebody who turns to `unit`, once the site knows that unit.
pub(super) async fn knowing(citizen: &Visitor, path: &str, unit: &str) -> Form {
    eventually("the site knows the unit", async || {
        let page = citizen.get(path).await;
        let to = option(&page.body, unit).ok_or_else(|| format!("no {unit}: {}", page.body))?;
        Ok::<_, String>(page.form("ask-form").with("to", &to))
    })
    .await
}

/// The value of the choice that reads so.
fn option(html: &str, label: &str) -> Option<String> {
    let (before, _) = html.split_once(&format!(">{label}</option>"))?;
    let (_, option) = before.rsplit_once("<option value=\"")?;
    Some(option.split('"').next()?.to_owned())
}

/// Sends a form, again while it was filled in faster than people are.
pub(super) async fn send(citizen: &Visitor, form: Form) -> Page {
    eventually("the form is taken", async || {
        citizen
            .submit(form.clone(), "")
            .await
            .showing("Mã tra cứu của bạn")
    })
    .await
}

pub(super) fn code_of(receipt: &Page) -> String {
    tests::signing_in::element(receipt, "receipt-code")
        .trim()
        .to_owned()
}

pub(super) async fn follow(citizen: &Visitor, code: &str) -> Page {
    let form = citizen.get("/tra-cuu").await.form("follow-form");
    citizen.submit(form.with("ma", code), "").await
}

async fn add(citizen: &Visitor, code: &str, words: &str) {
    let form = follow(citizen, code).await.form("add-form");
    citizen
        .submit(form.with("words", words), "add")
        .await
        .must_say("Đã gửi thêm.");
}

/// The page of the case about `subject` in the list of those to be answered.
pub(super) async fn case_at(desk: &Staff, subject: &str) -> Result<String, String> {
    let page = desk.visitor.get("/quan-tri/nguoi-dan").await;
    page.link(subject)
        .ok_or_else(|| format!("no {subject} in {}", page.body))
}

pub(super) async fn answer(desk: &Staff, case: &str, button: &str, words: &str) {
    let form = desk.visitor.get(case).await.form("answer-form");
    let done = desk.visitor.submit(form.with("words", words), button).await;
    done.must_say("Đã gửi tới người hỏi.");
}

fn picture_in(page: &Page) -> String {
    let (_, rest) = page
        .body
        .split_once("src=\"/quan-tri/nguoi-dan/anh/")
        .unwrap_or_else(|| panic!("no picture in {}", page.body));
    format!(
        "/quan-tri/nguoi-dan/anh/{}",
        rest.split('"').next().expect("an address")
    )
}

fn is_picture(page: &Page) -> bool {
    page.status == 200 && !page.body.contains("<html")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files.extend(files_below(&path)),
            false => files.push(path),
        }
    }
    files
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}
