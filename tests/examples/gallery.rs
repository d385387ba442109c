//! Makes `docs/gallery.md` and its pictures anew, from the demo as it is: `cargo build --workspace`, and then
//! `cargo run -p tests --example gallery`. Each kind of page stands as a telephone shows it and as an office does.

mod pictures;

use image::{DynamicImage, ImageFormat, imageops};
use std::fmt::Write;
use tests::browser::{Browser, OFFICE_WIDTH};
use tests::demo::Demo;
use tests::visitor::Visitor;
use url::Url;

const FOLDER: &str = "docs/gallery";
/// Pictures of a telephone are as wide as its screen, those of an office half as wide as theirs.
const NARROW: u32 = 360;
const HALF: u32 = OFFICE_WIDTH / 2;
/// Highest picture; what is below it is cut off.
const HIGHEST: u32 = 720;
/// Largest file.
const LARGEST: usize = 30_000;

/// What a page is called, its name as a file, and where it is.
type Row = (&'static str, &'static str, Place);

/// Where a page is.
enum Place {
    /// At the province.
    Hub(&'static str),
    /// At a commune.
    Commune(&'static str),
    /// The first whose address begins so, as the list at a commune, or else at the province, names it.
    First(&'static str, &'static str),
}

use Place::{Commune, First, Hub};

const PAGES: [Row; 29] = [
    ("Trang chủ của xã", "trang-chu-xa", Commune("/")),
    ("Trang chủ của tỉnh", "trang-chu-tinh", Hub("/")),
    ("Danh sách tin", "tin-tuc", Commune("/tin-tuc")),
    ("Bài viết", "bai-viet", First("/tin-tuc", "/bai-viet/")),
    ("Danh sách văn bản", "van-ban", Hub("/van-ban")),
    ("Một văn bản", "mot-van-ban", First("/van-ban", "/van-ban/")),
    ("Thông báo", "thong-bao", Commune("/thong-bao")),
    (
        "Một thông báo",
        "mot-thong-bao",
        First("/thong-bao", "/thong-bao/"),
    ),
    ("Dự thảo lấy ý kiến", "du-thao", Hub("/du-thao")),
    ("Một dự thảo", "mot-du-thao", First("/du-thao", "/du-thao/")),
    ("Hỏi – Đáp", "hoi-dap", Commune("/hoi-dap")),
    (
        "Một câu hỏi đã trả lời",
        "mot-cau-hoi",
        First("/hoi-dap", "/hoi-dap/"),
    ),
    ("Gửi câu hỏi", "gui-cau-hoi", Commune("/hoi-dap/gui")),
    ("Gửi phản ánh", "gui-phan-anh", Commune("/phan-anh/gui")),
    ("Tố giác, báo tin kín", "to-giac", Commune("/to-giac")),
    ("Tra cứu bằng mã hồ sơ", "tra-cuu", Commune("/tra-cuu")),
    ("Lịch công tác", "lich-cong-tac", Commune("/lich-cong-tac")),
    ("Thư viện ảnh, video", "thu-vien", Commune("/thu-vien")),
    (
        "Một album",
        "mot-album",
        First("/thu-vien/anh", "/thu-vien/anh/"),
    ),
    (
        "Một video",
        "mot-video",
        First("/thu-vien/video", "/thu-vien/video/"),
    ),
    ("Giới thiệu", "gioi-thieu", Commune("/gioi-thieu")),
    ("Tìm kiếm", "tim-kiem", Commune("/tim-kiem?q=kon+ray")),
    (
        "Tìm trong toàn tỉnh",
        "tim-toan-tinh",
        Hub("/tim-kiem?q=ca+phe"),
    ),
    ("Các đơn vị", "don-vi", Hub("/don-vi")),
    ("Cỡ chữ và tương phản", "hien-thi", Commune("/hien-thi")),
    (
        "Tương phản cao, chữ lớn nhất",
        "tuong-phan-cao",
        Commune("/hien-thi?co=5&tuong-phan=cao&ve=/"),
    ),
    (
        "Cỡ chữ và màu thường",
        "mau-thuong",
        Commune("/hien-thi?co=2&tuong-phan=thuong&ve=/tin-tuc"),
    ),
    ("Xác minh bài viết", "xac-minh", Commune("/xac-minh")),
    (
        "Không tìm thấy",
        "khong-tim-thay",
        Commune("/khong-co-trang-nay"),
    ),
];

#[tokio::main]
async fn main() {
    let demo = Demo::stand().await;
    let telephone = Browser::open().await;
    let office = Browser::open_wide(OFFICE_WIDTH).await;
    let mut page = String::from(
        "# Các trang, như người dân thấy\n\nẢnh chụp từ tỉnh dùng thử, bên trái ở điện thoại rộng 360 px, bên phải \
         ở màn hình rộng 1366 px. Làm lại: `cargo build --workspace`, rồi `cargo run -p tests --example gallery`.\n",
    );
    for (title, name, place) in &PAGES {
        let address = place.address(&demo).await;
        for (browser, width, end) in [(&telephone, NARROW, "360"), (&office, HALF, "1366")] {
            // Pages that say that something is not there complain in the console, and should.
            browser.opens(address.as_str()).await;
            keep(browser, &format!("{name}-{end}"), width).await;
        }
        let pictures =
            ["360", "1366"].map(|end| format!("![{title}, {end} px](gallery/{name}-{end}.webp)"));
        write!(page, "\n## {title}\n\n{} {}\n", pictures[0], pictures[1]).expect("a string grows");
    }
    telephone.closes().await;
    office.closes().await;
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gallery.md");
    std::fs::write(file, page).expect("it can be written");
    println!("Xong.");
}

impl Place {
    async fn address(&self, demo: &Demo) -> Url {
        let at = |site: &Url, path: &str| site.join(path).expect("an address");
        match self {
            Hub(path) => at(&demo.hub, path),
            Commune(path) => at(&demo.members[0], path),
            First(list, beginning) => {
                for site in [&demo.members[0], &demo.hub] {
                    let listed = Visitor::at(site).get(list).await.body;
                    let found = listed
                        .split("href=\"")
                        .skip(1)
                        .filter_map(|rest| rest.split('"').next())
                        .find(|href| {
                            href.strip_prefix(beginning)
                                .is_some_and(|slug| slug.contains('-'))
                        });
                    if let Some(path) = found {
                        return at(site, path);
                    }
                }
                panic!("{list} names nothing below {beginning}");
            }
        }
    }
}

async fn keep(browser: &Browser, name: &str, width: u32) {
    let png = browser.picture(None).await;
    let picture: DynamicImage =
        image::load_from_memory_with_format(&png, ImageFormat::Png).expect("a picture");
    let picture = picture.resize(width, 10 * HIGHEST, imageops::FilterType::Triangle);
    let (width, height) = (picture.width(), picture.height().min(HIGHEST));
    pictures::write(FOLDER, name, picture.crop_imm(0, 0, width, height), LARGEST);
}
