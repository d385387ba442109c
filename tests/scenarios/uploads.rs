//! A picture on a weak line: cut in the middle, it goes on where it was.

mod browser {
    use crate::browser::signs_in;
    use serde_json::json;
    use std::fs;
    use tests::browser::Browser;
    use tests::{Backend, Province, bounded, eventually, measured};

    /// Fails the second piece as a line that breaks does, and notes what is asked and from where.
    const A_LINE_THAT_BREAKS: &str = "
        window.asked = []; const real = window.fetch; let pieces = 0;
        window.fetch = (address, options = {}) => {
            const method = options.method ?? 'GET';
            if (String(address).startsWith('/quan-tri/tai-len')) window.asked.push([method, options.headers?.['Upload-Offset'] ?? '']);
            if (method === 'PATCH' && ++pieces === 2) return Promise.reject(new TypeError('cut'));
            return real(address, options);
        };";

    #[tokio::test]
    async fn a_picture_of_a_text_goes_on_where_the_line_broke() {
        bounded(async {
            let province = Province::found(Backend::Sqlite).await;
            let member = province.commune("xã Kon Braih").await;
            let folder = tempfile::tempdir().expect("a folder");
            let picture = folder.path().join("cau.png");
            fs::write(&picture, noise()).expect("writes");
            let browser = Browser::open().await;
            browser.goes_to(&member.address("/")).await;
            signs_in(&browser, &member).await;
            browser
                .goes_to(&member.address("/quan-tri/bai-viet/moi"))
                .await;
            browser.ask(A_LINE_THAT_BREAKS).await;
            browser.writes("Cầu mới.").await;
            let chooser = browser.finds(".editor-bar input[type=file]").await;
            let path = picture.to_str().expect("UTF-8");
            // One action, and a second for what it shows.
            chooser.send_keys(path).await.expect("a file is chosen");
            let body = browser.body_with("/media/sha256/").await;
            assert!(body.contains("<figure><img src=\"/media/sha256/"), "{body}");
            let said = browser
                .ask("return document.getElementById('tinh-trang').textContent")
                .await;
            eventually("the way of the pieces", async || {
                let asked = browser.ask("return window.asked").await;
                let all = asked.as_array().cloned().unwrap_or_default();
                let began = all.iter().filter(|one| one[0] == "POST").count();
                let looked = all.iter().any(|one| one[0] == "HEAD");
                let pieces = all.iter().filter(|one| one[0] == "PATCH");
                let from: Vec<_> = pieces.map(|one| one[1].clone()).collect();
                let went_on = from.len() > 2 && from[1] == from[2] && from[1] != json!("0");
                match (began, looked, went_on) {
                    (1, true, true) => Ok(()),
                    _ => Err(format!("{asked} {said}")),
                }
            })
            .await;
            measured(
                "uploads",
                "a picture cut in the middle went on where it was, 1 action",
            );
            browser.closes().await;
        })
        .await;
    }

    /// A picture that does not become small: some 750 kB.
    fn noise() -> Vec<u8> {
        let mut seed = 7_u32;
        let pixels = image::RgbImage::from_fn(500, 500, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [_, red, green, blue] = seed.to_be_bytes();
            image::Rgb([red, green, blue])
        });
        let mut file = std::io::Cursor::new(Vec::new());
        pixels
            .write_to(&mut file, image::ImageFormat::Png)
            .expect("writes to memory");
        file.into_inner()
    }
}
