//! A unit takes all it has and leaves: anybody can read it, and another province can take it in.

use std::path::Path;
use std::process::Command;
use tests::{Backend, Page, Province, Text, eventually};

on_both_databases! {
    a_unit_moves_to_another_province_with_all_it_wrote
}

async fn a_unit_moves_to_another_province_with_all_it_wrote(hub: Backend) {
    let old_province = Province::found(hub).await;
    let old = old_province.commune("xã Kon Braih").await;
    let desk = old.staff().await;
    let text = Text {
        picture: Some("Bà con ra đồng"),
        ..Text::article("Xã vào vụ cà phê")
    };
    let article = desk.publish(&text).await;
    let article = desk
        .revise(&article, "Xã vào vụ cà phê mới", "Thêm chữ mới.")
        .await;
    let mistake = desk.publish(&Text::article("Tin đăng nhầm")).await;
    desk.withdraw(&mistake, "Đăng nhầm.").await;

    // By the unit itself; and by the province, for a unit whose machine is gone.
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("kon-braih.zip");
    let said = old
        .command_says(&["export", "--to", own.to_str().expect("UTF-8")])
        .await;
    assert!(said.contains("1 bài đang đăng, 1 bài đã gỡ"), "{said}");
    old_province
        .hub
        .staff()
        .await
        .finds_in_inbox(&article.title)
        .await;
    let for_it = folder.path().join("from-the-province.zip");
    eventually("the province holds all of it", async || {
        std::fs::remove_file(&for_it).ok();
        let to = for_it.to_str().expect("UTF-8");
        let said = old_province
            .hub
            .run(&["export", "--site", &old.id, "--to", to])
            .await?;
        match said.contains("1 bài đang đăng, 1 bài đã gỡ, 4 sự kiện, 1 ảnh") {
            true => Ok(()),
            false => Err(said),
        }
    })
    .await;
    for archive in [&own, &for_it] {
        let unpacked = archive.with_extension("");
        readable_by_anybody(archive, &unpacked);
        let pages = unpacked.join("pages");
        let id = article.page.rsplit('-').next().expect("an id");
        let page = std::fs::read_to_string(pages.join(format!("{id}.html"))).expect("a page");
        assert!(page.contains(&article.title) && page.contains("<strong>bà con</strong>"));
        let picture = between(&page, "src=\"", "\"").expect("a picture");
        assert!(pages.join(picture).exists(), "{picture} is in the archive");
        assert!(!page.contains("Tin đăng nhầm"));
    }

    let new_province = Province::found(Backend::Sqlite).await;
    let new = new_province.commune("xã Kon Braih mới").await;
    let from = own.to_str().expect("UTF-8");
    let planned = new
        .command_says(&["import", "--from", from, "--dry-run"])
        .await;
    assert!(planned.contains("Sẽ nhập 1 bài, 1 ảnh và tệp"), "{planned}");
    assert_eq!(new.visitor().get(&article.page).await.status, 404);
    new.command_says(&["import", "--from", from]).await;
    let again = new.command_says(&["import", "--from", from]).await;
    assert!(again.contains("Đã nhập 0 bài"), "{again}");

    // The same address, words, picture and date; and it is on its way to the new province.
    let (there, here) = (
        old.visitor().get(&article.page).await,
        new.visitor().get(&article.page).await,
    );
    here.must_say(&article.title);
    for part in [
        ("<h1", "</h1>"),
        ("class=\"prose", "</div>"),
        ("<figure", "</figure>"),
    ] {
        assert_eq!(part_of(&here, part), part_of(&there, part), "{part:?}");
    }
    assert_eq!(new.visitor().get(&mistake.page).await.status, 404);
    new_province.hub.staff().await.accept(&article.title).await;
    // Who works there now can go on with it.
    let desk = new.staff().await;
    let list = desk.visitor.get("/quan-tri/bai-viet").await;
    let form = list.link(&article.title).expect("its form");
    desk.visitor.get(&form).await.must_say("**bà con**");
}

/// Unpacks and checks an archive with what every machine has.
fn readable_by_anybody(archive: &Path, unpacked: &Path) {
    let run = |command: &mut Command| {
        let done = command.output().expect("the program is there");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{command:?}: {said}");
    };
    let unzip = ["-m", "zipfile", "-e"];
    run(Command::new("python3")
        .args(unzip)
        .arg(archive)
        .arg(unpacked));
    run(Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(unpacked));
    run(Command::new("python3")
        .args(["-c", CHECK])
        .current_dir(unpacked));
}

/// The log is unbroken and says what the entries say; no library but Python's own.
const CHECK: &str = r#"
import glob, hashlib, json
canonical = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
manifest = json.load(open("manifest.json"))
digests = set()
for head in manifest["logs"]:
    last, seq = None, 0
    for part in sorted(glob.glob("log/" + head["log"] + "-*.ndjson")):
        for line in open(part):
            item = json.loads(line)
            told = item.pop("_lien_cong")
            header = told["header"]
            seq += 1
            assert header["seq"] == seq and header.get("prev") == last
            last = "sha-256:" + hashlib.sha256(b"lien-cong/event/v1\n" + canonical(header)).hexdigest()
            digests.add(last)
            if header.get("content") and not told.get("erased"):
                assert header["content"] == "sha-256:" + hashlib.sha256(canonical(item)).hexdigest()
    assert (last, seq) == (head["digest"], head["seq"])
for name in glob.glob("entries/*.json"):
    for item in json.load(open(name))["items"]:
        header = item["_lien_cong"]["header"]
        assert "sha-256:" + hashlib.sha256(b"lien-cong/event/v1\n" + canonical(header)).hexdigest() in digests
for medium in json.load(open("media.json")):
    bytes = open(medium["path"], "rb").read()
    assert hashlib.sha256(bytes).hexdigest() == medium["sha256"] and len(bytes) == medium["size"]
assert {key["id"] for key in json.load(open("keys.json"))}
"#;

fn part_of(page: &Page, (from, to): (&str, &str)) -> String {
    let found = between(&page.body, from, to);
    found
        .unwrap_or_else(|| panic!("{} has no {from}", page.path))
        .to_owned()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
