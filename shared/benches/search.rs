//! What searching costs among twenty thousand articles, and that it finds what was meant.
//!
//! ```sh
//! cargo bench -p shared --features testing --bench search
//! LIEN_CONG_BENCH_POSTGRES='postgres://lien_cong@localhost/' cargo bench …      # PostgreSQL as well
//! ```
//!
//! Figures are recorded in `docs/benchmarks.md`.

mod backend;

use backend::{Backend, backends};
use divan::Bencher;
use serde_json::json;
use shared::entries::{Item, apply, placement};
use shared::log::{EventKind, Lane, NewEvent, append};
use shared::site::Site;
use shared::testing::{self, TestSite};
use std::sync::{Arc, LazyLock, Mutex};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Articles held.
const HELD: usize = 20_000;
/// Articles a commit takes in.
const PER_COMMIT: usize = 500;

/// What is typed, and the words the first result must show.
const TYPED: [(&str, &str); 8] = [
    ("kon ray", "Kon Rẫy"),
    ("Kon Rẫy", "Kon Rẫy"),
    ("dak koi", "Đăk Kôi"),
    ("hoa", "hoa"),
    ("hòa", "hòa"),
    ("hoà", "hòa"),
    ("184/qd-ubnd", "184/QĐ-UBND"),
    ("kon rya", "Kon Rẫy"),
];

/// Places, doings and things, from which the articles are made: no word but the commonest stands in all of them.
const PLACES: [&str; 12] = [
    "Kon Rẫy",
    "Đăk Kôi",
    "Măng Đen",
    "Kon Braih",
    "Sa Thầy",
    "Đăk Tô",
    "Ngọc Hồi",
    "Tu Mơ Rông",
    "Ia Chim",
    "Bờ Y",
    "Kon Plông",
    "Đăk Hà",
];
const DOINGS: [&str; 10] = [
    "mở rộng đường liên thôn",
    "tập huấn chữa cháy",
    "thu hoạch cà phê",
    "tiêm vắc xin cho đàn bò",
    "trồng hoa ven đường",
    "tổ chức hòa giải ở cơ sở",
    "khám sức khỏe người cao tuổi",
    "sửa kênh thủy lợi",
    "dựng nhà rông",
    "dạy cồng chiêng",
];
const THINGS: [&str; 7] = [
    "trước mùa mưa",
    "cho bà con ba làng",
    "theo Nghị quyết của Hội đồng nhân dân",
    "bằng quỹ của thôn",
    "sau hai năm chờ đợi",
    "trong tháng thanh niên",
    "ở điểm trường xa nhất",
];

fn main() {
    backend::say_what_is_left_out();
    divan::main();
}

/// The page of results, from request to bytes.
#[divan::bench(args = cases(), sample_count = 30, sample_size = 1)]
fn page_of_results(bencher: Bencher<'_, '_>, case: &Case) {
    let Case(backend, typed, expected) = case;
    let library = library(backend);
    let routes = shared::pages::routes().with_state(Arc::clone(&library.site));
    let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    let path = format!("/tim-kiem?q={query}");
    bencher.bench_local(|| {
        let answer = library.runtime.block_on(testing::get(&routes, &path, None));
        assert_eq!(answer.status.as_u16(), 200);
        let first = first_title(&answer.body);
        assert!(first.contains(expected), "{typed}: {first}");
    });
}

/// A database, what is typed, what the first result shows.
#[derive(Clone, Debug)]
struct Case(Backend, &'static str, &'static str);

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0, self.1)
    }
}

fn cases() -> Vec<Case> {
    let of = |backend: Backend| TYPED.map(|(typed, first)| Case(backend.clone(), typed, first));
    backends().into_iter().flat_map(of).collect()
}

/// A site with its articles.
struct Library {
    runtime: Runtime,
    site: TestSite,
}

/// Each by the name of its database.
type Libraries = Vec<(String, Arc<Library>)>;

/// Made once for each database: filling one takes longer than asking it.
fn library(backend: &Backend) -> Arc<Library> {
    static MADE: LazyLock<Mutex<Libraries>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("nothing failed before");
    let name = backend.to_string();
    if let Some((_, library)) = made.iter().find(|(known, _)| *known == name) {
        return Arc::clone(library);
    }
    let runtime = Runtime::new().expect("a runtime");
    let site = runtime.block_on(async {
        let site = backend.setup().await.site().await;
        for begin in (0..HELD).step_by(PER_COMMIT) {
            take_in(&site, begin..begin + PER_COMMIT).await;
        }
        site
    });
    let library = Arc::new(Library { runtime, site });
    made.push((name, Arc::clone(&library)));
    library
}

async fn take_in(site: &Arc<Site>, numbers: std::ops::Range<usize>) {
    let inner = Arc::clone(site);
    let taken = site.db.write(move |tx| {
        Box::pin(async move {
            for number in numbers {
                let entry = Uuid::now_v7();
                let content = article(entry, number);
                let item = Item::read(&content, entry).map_err(anyhow::Error::new)?;
                let new = NewEvent {
                    kind: EventKind::EntryPublished,
                    lane: Lane::Regular,
                    unit: inner.unit_id,
                    entry: Some(entry),
                    rev: 1,
                    content: Some(content),
                    to: None,
                };
                let event = append(tx, &inner, new).await?;
                apply::apply(tx, &event, Some(&item)).await?;
                placement::arrive(tx, entry, "tin-tuc", placement::Mode::Own, 0).await?;
            }
            Ok(())
        })
    });
    taken.await.expect("taken in");
}

/// An article of some 1,200 bytes. One in five hundred names the decision that is looked for.
fn article(entry: Uuid, number: usize) -> serde_json::Value {
    let [place, doing, thing] = [
        PLACES[number % PLACES.len()],
        DOINGS[number / 3 % DOINGS.len()],
        THINGS[number / 7 % THINGS.len()],
    ];
    let decision = match number % 500 {
        7 => " theo Quyết định 184/QĐ-UBND".to_owned(),
        _ => format!(" theo Quyết định {}/QĐ-UBND", 1_000 + number),
    };
    let paragraph = format!(
        "Sáng nay, Ủy ban nhân dân xã {place} {doing} {thing}. Kế hoạch số {number} được bà con bàn bạc từ đầu \
         năm, mỗi nhà góp ba ngày công. "
    );
    json!({
        "id": Item::id_of(entry),
        "url": format!("https://konbraih.quangngai.example/bai-viet/tin-{}", entry.simple()),
        "title": format!("{place} {doing} {thing}{decision}"),
        "summary": format!("Tin từ {place}, số {number}."),
        "content_html": format!("<p>{}</p>", paragraph.repeat(4)),
        "date_published": "2026-11-20T01:00:00Z",
        "language": "vi",
        "_entry": {"kind": "article", "section": "tin-tuc"},
    })
}

/// The title of the first result, without its marks.
fn first_title(page: &str) -> String {
    let results = page.split("data-element=\"results\"").nth(1);
    let first = results.and_then(|results| results.split("<h3>").nth(1));
    let first = first.and_then(|result| result.split("</h3>").next());
    let first = first.unwrap_or_default();
    first.replace("<mark>", "").replace("</mark>", "")
}
