//! What saving and publishing an article costs, from the form that arrives to the answer.
//!
//! ```sh
//! cargo bench -p shared --features testing --bench newsroom
//! LIEN_CONG_BENCH_POSTGRES='postgres://lien_cong@localhost/' cargo bench …      # PostgreSQL as well
//! ```
//!
//! Figures are recorded in `docs/benchmarks.md`.

mod backend;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use backend::{Backend, backends};
use divan::Bencher;
use shared::accounts::Role;
use shared::newsroom::{draft, upload};
use shared::testing::{self, SignedIn, TestSite, ask, post};
use std::sync::Arc;
use tokio::runtime::Runtime;

const NEW: &str = "/quan-tri/bai-viet/moi";
const BORDER: &str = "----ranh-gioi";

fn main() {
    backend::say_what_is_left_out();
    divan::main();
}

/// An article of 900 words with three pictures is written anew and kept as a draft.
#[divan::bench(args = backends(), sample_count = 60, sample_size = 1)]
fn begin_a_draft(bencher: Bencher<'_, '_>, backend: &Backend) {
    let desk = Desk::of(backend);
    bencher
        .with_inputs(|| desk.form(None, "save"))
        .bench_local_values(|form| desk.send(NEW, form));
}

/// The same article is changed in one place and saved again.
#[divan::bench(args = backends(), sample_count = 60, sample_size = 1)]
fn save_a_draft(bencher: Bencher<'_, '_>, backend: &Backend) {
    let desk = Desk::of(backend);
    let mut number = 0_u32;
    let path = desk.send(NEW, desk.form(None, "save"));
    bencher
        .with_inputs(|| {
            number += 1;
            desk.form(Some((desk.version(&path), number)), "save")
        })
        .bench_local_values(|form| desk.send(&path, form));
}

/// A draft that was handed in is approved and published: screened, checked, signed, logged, indexed, queued
/// for the province.
#[divan::bench(args = backends(), sample_count = 60, sample_size = 1)]
fn publish(bencher: Bencher<'_, '_>, backend: &Backend) {
    let desk = Desk::of(backend);
    bencher
        .with_inputs(|| {
            let path = desk.send(NEW, desk.form(None, "save"));
            let handed_in = desk.form(Some((desk.version(&path), 0)), "submit");
            desk.send(&path, handed_in);
            let version = desk.version(&path).to_string();
            (format!("{path}/dang"), version)
        })
        .bench_local_values(|(path, version)| {
            let fields = [("revision", version.as_str()), ("action", "publish")];
            let answer = post(&desk.routes, &path, Some(&desk.approver), &fields);
            let answer = desk.runtime.block_on(answer);
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        });
}

/// A newsroom with three pictures, and who works there.
struct Desk {
    runtime: Runtime,
    site: TestSite,
    routes: Router,
    editor: SignedIn,
    approver: SignedIn,
    /// Digests of the pictures.
    pictures: Vec<String>,
}

impl Desk {
    fn of(backend: &Backend) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (site, routes, editor, approver, pictures) = runtime.block_on(async {
            let site = backend.setup().await.site().await;
            let routes = shared::pages::newsroom::routes()
                .into_router()
                .with_state(Arc::clone(&site));
            let editor = testing::sign_in(&site, Role::Editor).await;
            let approver = testing::sign_in(&site, Role::Approver).await;
            let mut pictures = Vec::new();
            for shade in [40, 120, 200] {
                let kept = upload::keep_picture(&site, "anh.png", picture(shade).into(), None);
                pictures.push(kept.await.expect("kept").digest.hex());
            }
            (site, routes, editor, approver, pictures)
        });
        Self {
            runtime,
            site,
            routes,
            editor,
            approver,
            pictures,
        }
    }

    /// The form as the editor sends it by a button; of a draft that is there, its version and what is changed.
    fn form(&self, known: Option<(i64, u32)>, action: &str) -> Vec<u8> {
        let paragraph = "Theo thống kê của Phòng Kinh tế, năng suất cà phê vụ này ước đạt 14,8 tạ nhân mỗi héc-ta, \
                         cao hơn vụ trước khoảng 0,6 tạ nhờ mưa rải đều và bón phân hữu cơ. ";
        let (version, number) = known.unwrap_or_default();
        let mut body = format!("<p>Lần sửa {number}.</p>");
        // 30 words each.
        for part in 0..30 {
            body += &format!("<p>{paragraph}</p>");
            if let (0, Some(digest)) = (part % 10, self.pictures.get(part / 10)) {
                body += &format!(
                    "<figure><img src=\"/media/sha256/{digest}\" alt=\"Người dân hái cà phê trên triền đồi\"></figure>"
                );
            }
        }
        let version = version.to_string();
        let fields = [
            ("csrf", self.editor.csrf.as_str()),
            ("kind", "article"),
            ("title", "Kon Rẫy vào mùa hái cà phê"),
            ("lead", "Người dân thu hái cà phê trên các triền đồi."),
            ("body", body.as_str()),
            ("body_format", "html"),
            ("section", "tin-tuc"),
            ("author", "A Mẫu"),
            ("picture_kept", self.pictures[0].as_str()),
            ("picture_alt", "Người dân hái cà phê trên triền đồi"),
            ("revision", version.as_str()),
            ("action", action),
        ];
        let mut sent = String::new();
        for (name, value) in fields {
            sent += &format!(
                "--{BORDER}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
        }
        sent += &format!("--{BORDER}--\r\n");
        sent.into_bytes()
    }

    /// Sends the form; where the draft then is.
    fn send(&self, path: &str, form: Vec<u8>) -> String {
        let request = Request::post(path)
            .header(header::COOKIE, &self.editor.cookie)
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={BORDER}"),
            )
            .body(Body::from(form))
            .expect("a request");
        let answer = self.runtime.block_on(ask(&self.routes, request));
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let place = answer.location();
        place.split(['?', '#']).next().unwrap_or(place).to_owned()
    }

    fn version(&self, path: &str) -> i64 {
        let id = path.rsplit('/').next().and_then(|id| id.parse().ok());
        let found = draft::find(self.site.db.reader(), id.expect("an id"));
        let found = self.runtime.block_on(found).expect("reads");
        found.expect("is there").version()
    }
}

fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_fn(1_600, 1_000, |x, y| {
        image::Rgb([shade, (x / 8) as u8, (y / 8) as u8])
    });
    pixels
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("encodes");
    bytes.into_inner()
}
