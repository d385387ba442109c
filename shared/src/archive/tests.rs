use super::export::{Subject, export};
use super::import::{Report, import};
use super::layout::{self, Manifest};
use super::zip::{Reader, Writer};
use crate::directory::key_record;
use crate::entries::listing::{self, Filter};
use crate::entries::{MediaRole, record};
use crate::face::{Face, Palette, stored};
use crate::log::Digest;
use crate::portal;
use crate::testing::{self, Setup, TestSite, press};
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

/// A commune with a past: revised, withdrawn, with a picture and a document.
struct Old {
    site: TestSite,
    article: Uuid,
    withdrawn: Uuid,
    document: Uuid,
    picture: Vec<u8>,
}

async fn old() -> Old {
    let site = testing::site().await;
    let (id, key) = (site.id, site.key.current().public_key());
    site.db
        .write(move |tx| {
            Box::pin(async move { key_record::put(tx, id, &key, 0, None, None).await })
        })
        .await
        .expect("a key");
    let picture = b"khong han la anh".to_vec();
    let hex = Digest::of(&picture).hex();
    let body = format!(
        "<p>Bà con ra đồng. <a href=\"{}/tin-tuc\">Tin khác</a></p><img src=\"{}/media/sha256/{hex}\" alt=\"\">",
        site.origin(),
        site.origin()
    );
    let article = press::article("Vụ cà phê mới")
        .lead("Mọi việc thuận lợi.")
        .body(&body)
        .with(MediaRole::Lead, &picture, "image/jpeg", &site)
        .publish(&site)
        .await;
    press::deliver(&site, &picture, "image/jpeg", Some((64, 48))).await;
    site.clock.advance(Duration::from_secs(3600));
    press::article("Vụ cà phê mới, đã sửa")
        .body(&body)
        .with(MediaRole::Lead, &picture, "image/jpeg", &site)
        .revise(&site, article, 2)
        .await;
    let withdrawn = press::article("Chuyện không nên kể").publish(&site).await;
    press::withdraw(&site, withdrawn, 2).await;
    let document = press::document("12/QĐ-UBND", "Quyết định về đường làng")
        .section("chuyen-muc-rieng")
        .publish(&site)
        .await;
    Old {
        site,
        article,
        withdrawn,
        document,
        picture,
    }
}

async fn write(site: &TestSite, to: &Path) -> Manifest {
    let subject = Subject::itself(site).await.expect("itself");
    let bar = ProgressBar::hidden();
    export(site, subject, to, false, &bar)
        .await
        .expect("exports")
}

async fn read(
    site: &TestSite,
    folder: &Path,
    from: &Path,
    dry_run: bool,
) -> anyhow::Result<Report> {
    let bar = ProgressBar::hidden();
    import(site, folder, from, dry_run, &bar)
        .await
        .map(|(_, report)| report)
}

async fn newcomer() -> TestSite {
    Setup::default()
        .base_url("https://moi.tinhkhac.example")
        .site()
        .await
}

#[tokio::test]
async fn a_site_leaves_with_all_it_has_and_goes_on_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = old().await;
    let file = folder.path().join("kon-braih.zip");
    let manifest = write(&old.site, &file).await;
    assert_eq!((manifest.counts.entries, manifest.counts.withdrawn), (2, 1));
    assert_eq!((manifest.counts.events, manifest.counts.media), (5, 1));
    let again = folder.path().join("again.zip");
    write(&old.site, &again).await;
    let bytes = |path: &PathBuf| std::fs::read(path).expect("reads");
    assert_eq!(
        bytes(&file),
        bytes(&again),
        "the same site makes the same bytes"
    );

    let new = newcomer().await;
    let planned = read(&new, folder.path(), &file, true)
        .await
        .expect("planned");
    assert!(
        record::find(new.db.reader(), old.article)
            .await
            .expect("reads")
            .is_none()
    );
    let done = read(&new, folder.path(), &file, false)
        .await
        .expect("imported");
    assert_eq!(planned, done);
    assert_eq!((done.taken, done.media, done.events), (2, 1, 5));
    assert_eq!(
        done.sections, [""; 0],
        "sections travel with the site, not with its entries"
    );

    for id in [old.article, old.document] {
        let there = record::find(old.site.db.reader(), id)
            .await
            .expect("reads")
            .expect("there");
        let here = record::find(new.db.reader(), id)
            .await
            .expect("reads")
            .expect("here");
        assert_eq!((here.site_id, here.rev), (new.id, 1), "its own, begun anew");
        assert_eq!(here.published_at, there.published_at);
        assert_eq!(here.revised_at, there.revised_at);
        assert_eq!((&here.title, here.path()), (&there.title, there.path()));
        assert_eq!(here.source().and_then(|source| source.url), Some(there.url));
        assert!(here.url.starts_with("https://moi.tinhkhac.example/"));
    }
    assert!(
        record::find(new.db.reader(), old.withdrawn)
            .await
            .expect("reads")
            .is_none()
    );
    let listed = listing::newest(new.db.reader(), &Filter::default(), 0, 10).await;
    assert_eq!(listed.expect("lists").len(), 2);

    let routes = portal::routes(&new, OpenApiRouter::new(), portal::Own::default());
    let path = record::find(new.db.reader(), old.article)
        .await
        .expect("reads")
        .expect("here")
        .path();
    let page = testing::get(&routes, &path, None).await;
    let hex = Digest::of(&old.picture).hex();
    assert!(
        page.body.contains(&format!("/media/sha256/{hex}")),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("https://moi.tinhkhac.example/tin-tuc"),
        "links lead on here"
    );
    assert!(new.media.path(Digest::of(&old.picture)).exists());
    let kept = folder.path().join("imported").join(old.site.id.to_string());
    assert!(kept.join(layout::KEYS).exists() && kept.join("log").exists());

    let again = read(&new, folder.path(), &file, false)
        .await
        .expect("imported again");
    assert_eq!((again.taken, again.known, again.media), (0, 2, 0));
    let home = read(&old.site, folder.path(), &file, false).await;
    assert!(home.is_err(), "a site does not import itself");
}

/// What becomes of the text of a file.
type Change = fn(&str, String) -> String;

/// Copies the archive at `from` with `change` applied to every file, sums made anew.
fn forge(from: &Path, to: &Path, change: Change) {
    let old = Reader::open(from).expect("opens");
    let mut new = Writer::create(to).expect("creates");
    let mut sums = String::new();
    for name in old.names().iter().filter(|name| *name != layout::SUMS) {
        let bytes = old.bytes(name, 1 << 20).expect("reads");
        let text = String::from_utf8(bytes).expect("text");
        let text = change(name, text);
        sums.push_str(&format!("{}  {name}\n", Digest::of(&text).hex()));
        new.text(name, &text).expect("adds");
    }
    new.text(layout::SUMS, &sums).expect("adds");
    new.finish().expect("finishes");
}

#[tokio::test]
async fn what_was_altered_on_the_way_is_refused_and_nothing_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = old().await;
    let file = folder.path().join("a.zip");
    write(&old.site, &file).await;
    let new = newcomer().await;

    let mut bytes = std::fs::read(&file).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let flipped = folder.path().join("flipped.zip");
    std::fs::write(&flipped, bytes).expect("writes");
    assert!(read(&new, folder.path(), &flipped, false).await.is_err());

    let cases: [(&str, Change); 4] = [
        ("a word of an entry", |name, text| {
            match name.starts_with("entries/") {
                true => text
                    .replace("Mọi việc", "Không việc")
                    .replace("ra đồng", "ở nhà"),
                false => text,
            }
        }),
        ("a word of the log", |name, text| {
            match name.starts_with("log/") {
                true => text.replace("Mọi việc", "Không việc"),
                false => text,
            }
        }),
        ("an event left out", |name, text| {
            match name.starts_with("log/") {
                true => text
                    .lines()
                    .skip(1)
                    .map(|line| format!("{line}\n"))
                    .collect(),
                false => text,
            }
        }),
        ("another's key", |name, text| match name {
            layout::KEYS => "[]".to_owned(),
            _ => text,
        }),
    ];
    for (number, (what, change)) in cases.into_iter().enumerate() {
        let forged = folder.path().join(format!("forged-{number}.zip"));
        forge(&file, &forged, change);
        let told = read(&new, folder.path(), &forged, false).await;
        assert!(told.is_err(), "{what}");
        let listed = listing::newest(new.db.reader(), &Filter::default(), 0, 10).await;
        assert!(listed.expect("lists").is_empty(), "{what}");
    }
}

#[tokio::test]
async fn what_was_taken_back_does_not_leave() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = old().await;
    let file = folder.path().join("a.zip");
    write(&old.site, &file).await;
    let zip = Reader::open(&file).expect("opens");
    for name in zip.names() {
        let bytes = zip.bytes(name, 1 << 20).expect("reads");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Chuyện không nên kể"), "{name}");
    }
    let log = zip.names().iter().find(|name| name.starts_with("log/"));
    let log = zip.bytes(log.expect("a log"), 1 << 20).expect("reads");
    let log = String::from_utf8(log).expect("text");
    let withdrawn = old.withdrawn.to_string();
    assert_eq!(
        log.lines().filter(|line| line.contains(&withdrawn)).count(),
        2
    );
}

#[tokio::test]
async fn how_a_site_looks_goes_with_it_unless_somebody_has_chosen_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = testing::site().await;
    let picture = b"khong han la anh".to_vec();
    press::deliver(&old, &picture, "image/jpeg", Some((64, 48))).await;
    let looks = |palette| Face {
        emblem: Some(Digest::of(b"khong han la anh")),
        palette,
        ..Face::default()
    };
    let save = async |site: &TestSite, face: Face| {
        let saved = site
            .db
            .write(move |tx| Box::pin(async move { stored::save(tx, face, 0).await }));
        saved.await.expect("saves");
    };
    save(&old, looks(Palette::Bien)).await;
    let file = folder.path().join("kon-braih.zip");
    write(&old, &file).await;

    let new = newcomer().await;
    read(&new, folder.path(), &file, false)
        .await
        .expect("taken in");
    let taken = stored::load(new.db.reader()).await.expect("reads");
    assert_eq!(taken.current, looks(Palette::Bien));
    let kept = new.media.read(Digest::of(&picture)).await;
    assert_eq!(kept.expect("reads").as_deref(), Some(picture.as_slice()));

    let chosen = newcomer().await;
    let own = Face {
        palette: Palette::Sim,
        ..Face::default()
    };
    save(&chosen, own.clone()).await;
    read(&chosen, folder.path(), &file, false)
        .await
        .expect("taken in");
    let kept = stored::load(chosen.db.reader()).await.expect("reads");
    assert_eq!(kept.current, own);
}
