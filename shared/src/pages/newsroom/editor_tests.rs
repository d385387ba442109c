//! What the editor and Word files bring, through the forms of the writing page.

use super::tests::{ARTICLE, NEW, newsroom, only_draft, send, with};
use super::word_file;
use crate::accounts::Role;
use crate::newsroom::draft;
use crate::newsroom::form::DraftForm;
use crate::newsroom::upload::{self, Uploads};
use crate::office::docx::tests::{package, word_file as word};
use crate::testing::{self, Answer, SignedIn, ask, get};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

/// Sends a form with one file, as the editor and the form for Word files do.
async fn send_file(
    routes: &Router,
    path: &str,
    who: &SignedIn,
    name: &str,
    bytes: &[u8],
) -> Answer {
    const BORDER: &str = "----ranh-gioi";
    let head = format!(
        "--{BORDER}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--{BORDER}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n",
        who.csrf
    );
    let tail = format!("\r\n--{BORDER}--\r\n");
    let body = [head.as_bytes(), bytes, tail.as_bytes()].concat();
    let request = Request::post(path)
        .header(header::COOKIE, &who.cookie)
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={BORDER}"),
        )
        .body(Body::from(body));
    ask(routes, request.expect("a request")).await
}

fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(30, 20)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("encodes");
    bytes.into_inner()
}

#[tokio::test]
async fn what_the_editor_made_loses_nothing_in_the_plain_form() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let made = "<h2>Mục &amp; ý</h2><p class=\"can-giua\">Năm nay <strong>được mùa</strong>.</p>\
                <table><thead><tr><th scope=\"col\">Làng</th></tr></thead><tbody><tr><td>Kon Skôi</td></tr></tbody></table>";
    let sent = format!("{made}<script>alert(1)</script>");
    let fields = with(&ARTICLE, &[("body", &sent), ("body_format", "html")]);
    let answer = send(&routes, NEW, &who, &fields, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let kept = only_draft(&site).await;
    assert_eq!(kept.body, made);
    assert_eq!(kept.body_html().as_str(), made);

    let path = format!("/quan-tri/bai-viet/{}", kept.id);
    let page = get(&routes, &path, Some(&who)).await.body;
    assert!(
        page.contains("name=\"body_format\" value=\"html\""),
        "{page}"
    );
    assert!(page.contains("Năm nay &#60;strong&#62;được mùa"), "{page}");
    assert!(!page.contains("data-html"), "the field itself holds it");

    // Without the editor the field comes back as it was shown, with the line ends of a form.
    let version = kept.version().to_string();
    let again = with(
        &fields,
        &[("body", made), ("revision", &version), ("action", "save")],
    );
    let answer = send(&routes, &path, &who, &again, None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(only_draft(&site).await.body, made);
}

#[tokio::test]
async fn light_formatting_stays_and_the_editor_is_given_what_it_means() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    send(&routes, NEW, &who, &ARTICLE, None).await;
    let kept = only_draft(&site).await;
    assert_eq!(
        (kept.body.as_str(), kept.body_format.as_str()),
        ("Năm nay **được mùa**.", "markdown")
    );
    let path = format!("/quan-tri/bai-viet/{}", kept.id);
    let page = get(&routes, &path, Some(&who)).await.body;
    assert!(page.contains(">Năm nay **được mùa**.</textarea>"), "{page}");
    assert!(
        page.contains("data-html=\"&#60;p&#62;Năm nay &#60;strong&#62;được mùa"),
        "{page}"
    );
}

#[tokio::test]
async fn a_word_file_fills_the_form_and_is_kept_by_whoever_looked_at_it() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let page = get(&routes, NEW, Some(&who)).await.body;
    assert!(page.contains("data-element=\"word-form\""), "{page}");
    let body = "<w:p><w:pPr><w:pStyle w:val=\"u1\"/></w:pPr><w:r><w:t>Vào mùa</w:t></w:r></w:p>\
                <w:p><w:r><w:t>Được mùa</w:t></w:r></w:p>\
                <w:p><w:r><w:drawing><wp:docPr descr=\"Rẫy\"/><a:blip r:embed=\"r1\"/></w:drawing></w:r></w:p>\
                <w:p><w:r><w:drawing><a:blip r:embed=\"r2\"/></w:drawing></w:r></w:p>";
    let rels = "<Relationship Id=\"r1\" Target=\"media/a.png\"/><Relationship Id=\"r2\" Target=\"media/b.emf\"/>";
    let pictures: [(&str, &[u8]); 2] = [("word/media/a.png", &png()), ("word/media/b.emf", b"EMF")];
    let file = word(body, rels, &pictures);
    let answer = send_file(&routes, word_file::PATH, &who, "Mùa.docx", &file).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    for part in [
        ">Vào mùa</textarea>",
        "&#60;p&#62;Được mùa&#60;/p&#62;&#60;figure&#62;&#60;img src=&#34;/media/sha256/",
        "alt=&#34;Rẫy&#34; width=&#34;30&#34; height=&#34;20&#34;",
        "1 ảnh trong tệp không phải JPEG",
        "name=\"body_format\" value=\"html\"",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    let filter = draft::Filter::default();
    let count = draft::count(site.db.reader(), &filter).await;
    assert_eq!(count.expect("counts"), 0, "nothing is kept yet");
}

#[tokio::test]
async fn a_word_file_that_cannot_be_read_is_refused_in_words() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let macros = package(
        &[
            ("[Content_Types].xml", "<Types/>"),
            ("word/vbaProject.bin", "x"),
        ],
        &[],
    );
    let bomb = word(&" ".repeat(2_400_000), "", &[]);
    for (bytes, words) in [
        (&b"Xin chao"[..], "không phải tệp Word"),
        (b"", "Hãy chọn một tệp Word"),
        (&macros, "có macro"),
        (&bomb, "quá lớn hoặc quá rối"),
    ] {
        let answer = send_file(&routes, word_file::PATH, &who, "x.docx", bytes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        assert!(
            answer.body.contains("href=\"#word_file\""),
            "it leads to the field"
        );
    }
}

#[tokio::test]
async fn a_picture_of_a_text_that_says_nothing_is_kept_and_not_handed_in() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let kept = upload::keep_picture(&site, "cau.png", png().into(), None).await;
    let hex = kept.expect("kept").digest.hex();
    let picture =
        |alt: &str| format!("<figure><img src=\"/media/sha256/{hex}\" alt=\"{alt}\"></figure>");
    let bare = format!("<p>Cầu mới.</p>{}{}", picture("Cầu"), picture(" "));
    let fields = [("body", bare.as_str()), ("body_format", "html")];
    let saved = send(&routes, NEW, &who, &with(&ARTICLE, &fields), None).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let hand_in = |version: i64, body: String| {
        let version = version.to_string();
        let (routes, who, path) = (routes.clone(), who.clone(), path.clone());
        async move {
            let fields = [
                ("body", body.as_str()),
                ("body_format", "html"),
                ("action", "submit"),
                ("revision", version.as_str()),
            ];
            send(&routes, &path, &who, &with(&ARTICLE, &fields), None).await
        }
    };
    let refused = hand_in(draft.version(), bare.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "href=\"#body-anh-2\"",
        "id=\"body-anh-2\"",
        "Ảnh thứ 2 trong bài chưa có lời mô tả",
    ] {
        assert!(refused.body.contains(part), "{part}: {}", refused.body);
    }
    assert!(
        !refused.body.contains("body-anh-1"),
        "the first one is described"
    );
    let version = only_draft(&site).await.version();
    let described = format!(
        "<p>Cầu mới.</p>{}{}",
        picture("Cầu"),
        picture("Lễ thông xe")
    );
    let done = hand_in(version, described).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

#[tokio::test]
async fn a_video_brings_its_file_and_its_captions() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let mut video = b"\0\0\0\x18ftypisom\0\0\0\0isomiso2".to_vec();
    video.resize(400, 0);
    let captions = "WEBVTT\n\n00:01.000 --> 00:02.000\nChào bà con\n";
    let uploads = |video: &[u8], captions: &[u8]| Uploads {
        video: Some(("le.mp4".to_owned(), video.to_vec().into())),
        captions: Some(("le.vtt".to_owned(), captions.to_vec().into())),
        ..Uploads::default()
    };
    let mut form = DraftForm::default();
    let kept = uploads(&video, captions.as_bytes());
    let refused = kept.keep(&site, &mut form, who.account.id).await;
    assert_eq!(refused.expect("keeps"), []);
    assert!(form.video_kept.ends_with(" le.mp4"), "{}", form.video_kept);
    assert!(form.captions_kept.ends_with(" le.vtt"));
    let fields = [
        ("kind", "video"),
        ("title", "Lễ thông xe"),
        ("section", "tin-tuc"),
        ("video_kept", form.video_kept.as_str()),
        ("captions_kept", form.captions_kept.as_str()),
        ("action", "submit"),
    ];
    let done = send(&routes, NEW, &who, &fields, None).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);

    // Either where the other belongs.
    let mut form = DraftForm::default();
    let swapped = uploads(captions.as_bytes(), &video);
    let refused = swapped.keep(&site, &mut form, who.account.id).await;
    let fields: Vec<String> = refused
        .expect("keeps")
        .into_iter()
        .map(|one| one.field)
        .collect();
    assert_eq!(fields, ["video", "captions"]);
}

#[tokio::test]
async fn numbers_are_masked_wherever_the_form_has_words() {
    let (site, routes) = newsroom().await;
    let who = testing::sign_in(&site, Role::Contributor).await;
    let kept = upload::keep_picture(&site, "cau.png", png().into(), None).await;
    let hex = kept.expect("kept").digest.hex();
    let number = "Gọi 0912 345 678";
    let fields = [
        ("kind", "album"),
        ("title", "Ngày hội"),
        ("section", "tin-tuc"),
        ("pic", hex.as_str()),
        ("pic_alt", number),
        ("pic_caption", number),
        ("pic_credit", number),
    ];
    let saved = send(&routes, NEW, &who, &fields, None).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let draft = only_draft(&site).await;
    let path = format!("/quan-tri/bai-viet/{}", draft.id);
    let version = draft.version().to_string();
    let again = |action| {
        with(
            &fields,
            &[("action", action), ("revision", version.as_str())],
        )
    };
    let held = send(&routes, &path, &who, &again("submit"), None).await;
    assert_eq!(held.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["href=\"#album\"", "value=\"mask\""] {
        assert!(held.body.contains(part), "{part}: {}", held.body);
    }
    let version = only_draft(&site).await.version().to_string();
    let again = with(
        &fields,
        &[("action", "mask"), ("revision", version.as_str())],
    );
    let masked = send(&routes, &path, &who, &again, None).await;
    assert_eq!(masked.status, StatusCode::SEE_OTHER, "{}", masked.body);
    let draft = only_draft(&site).await;
    let fields = draft.fields.unwrap_or_default();
    assert!(!fields.contains("345 678"), "{fields}");
    assert_eq!(fields.matches("Gọi 0xxxxxx678").count(), 3, "{fields}");
}
