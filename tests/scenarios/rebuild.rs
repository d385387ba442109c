//! The bad day: a machine burns, and the site comes back on another. What happened to a district's portal
//! in January 2021 must not happen again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::faulty_peer::now;
use tests::{Backend, NewMember, Page, Province, Text, bounded, eventually};

on_both_databases! {
    a_burnt_member_comes_back_whole
}

/// What nobody but the commune may ever read.
const SECRET: &str = "Dự thảo chưa công bố số 7319";

async fn a_burnt_member_comes_back_whole(hub: Backend) {
    let province = Province::found(hub).await;
    let mut member = province.commune("xã Kon Braih").await;
    let neighbour = province.commune("xã Đăk Kôi").await;
    let editor = province.hub.staff().await;
    let desk = member.staff().await;
    let with_picture = Text {
        picture: Some("Bà con trên nương"),
        ..Text::article("Vào mùa cà phê")
    };
    let before = desk.publish(&with_picture).await;
    editor.accept(&before.title).await;
    desk.save(&Text::article(SECRET)).await;
    let kept = member.command_says(&["backup"]).await;
    assert!(kept.contains("đã sao lưu"), "{kept}");

    // What is published after the backup is at the hub at once.
    let after = desk.publish(&Text::article("Tin sau bản sao lưu")).await;
    let gone = desk.publish(&Text::article("Tin đăng nhầm")).await;
    editor.accept(&gone.title).await;
    desk.withdraw(&gone, "Đăng nhầm.").await;
    editor.accept(&after.title).await;
    eventually("the hub has taken the withdrawal", async || {
        let page = province.hub.visitor().get(&gone.page).await;
        if page.status == 410 {
            Ok(())
        } else {
            Err(page.status)
        }
    })
    .await;
    let pages = [
        "/",
        &before.page,
        &after.page,
        "/feed.json",
        "/chuyen-muc/kinh-te",
    ];
    let mut told = Vec::new();
    for page in pages {
        told.push(member.visitor().get(page).await);
    }

    // It burns, with the paper in the safe.
    let key = fs::read_to_string(member.folder().join("recovery.key")).expect("a key");
    member.stop().await;
    fs::remove_dir_all(member.folder()).expect("it is gone");
    assert_unreadable(&province.hub.folder().join("vault"), SECRET);

    let code = province.allow_rebuilding(&member.id).await;
    let hub_url = province.hub.base_url();
    let rebuild = [
        "rebuild",
        "--hub",
        hub_url.as_str(),
        "--code",
        &code,
        "--recovery-key",
        key.trim(),
    ];
    let said = member.command_says(&rebuild).await;
    assert!(!said.contains("KHÁC") && !said.contains("THIẾU"), "{said}");
    member.start().await;

    for (path, told) in pages.into_iter().zip(told) {
        let now = member.visitor().get(path).await;
        assert_eq!(now.status, told.status, "{path}");
        assert_eq!(as_read(&now), as_read(&told), "{path}");
    }
    assert_eq!(member.visitor().get(&gone.page).await.status, 410);
    // The same people sign in, and find what they had not published yet.
    let desk = member.staff_again(&desk).await;
    let drafts = desk.visitor.get("/quan-tri/bai-viet").await;
    drafts.must_say(SECRET);

    // It goes on where it was, with a new key, and everybody believes it.
    let next = desk.publish(&Text::article("Tin của máy mới")).await;
    editor.accept(&next.title).await;
    let there = neighbour.staff().await;
    there.finds_in_inbox(&next.title).await;
    there.finds_in_inbox(&before.title).await;
    for server in [&province.hub, &neighbour.server] {
        assert!(!server.log().contains("item refused"), "nothing is refused");
    }
    let again = member.command_says(&["backup"]).await;
    assert!(again.contains("đã sao lưu"), "{again}");
    let (ours, theirs) = (member.records().await, province.records().await);
    for title in [&before.title, &after.title, &next.title] {
        assert_eq!(ours.rows_saying("entries", title), 1, "{title}");
        assert_eq!(theirs.rows_saying("entries", title), 1, "{title}");
    }
}

#[tokio::test]
async fn a_rebuilding_that_is_killed_goes_on_where_it_was() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.join(NewMember::behind_nat("xã Kon Braih")).await;
        let editor = province.hub.staff().await;
        let desk = member.staff().await;
        let published = desk.publish(&Text::article("Vào mùa cà phê")).await;
        editor.accept(&published.title).await;
        desk.save(&Text::article(SECRET)).await;
        member.command_says(&["backup"]).await;
        let key = fs::read_to_string(member.folder().join("recovery.key")).expect("a key");
        member.stop().await;
        fs::remove_dir_all(member.folder()).expect("it is gone");

        let code = province.allow_rebuilding(&member.id).await;
        let hub_url = province.hub.base_url();
        let wrong = "0000-0000-0000-0000-0000-0000-0000-0000";
        let said = member
            .run(&[
                "rebuild",
                "--hub",
                hub_url.as_str(),
                "--code",
                &code,
                "--recovery-key",
                wrong,
            ])
            .await
            .expect_err("a key typed wrongly");
        assert!(said.contains("gõ sai"), "{said}");
        let another = shared::backup::RecoveryKey::generate().expect("a key");
        let said = member
            .run(&[
                "rebuild",
                "--hub",
                hub_url.as_str(),
                "--code",
                &code,
                "--recovery-key",
                another.as_str(),
            ])
            .await
            .expect_err("the key of another site");
        assert!(said.contains("khóa khôi phục không mở được"), "{said}");

        // The code is used up by now; what was begun goes on without it.
        let rebuild = [
            "rebuild",
            "--hub",
            hub_url.as_str(),
            "--recovery-key",
            key.trim(),
        ];
        let aside = member.folder().with_file_name("xa-kon-braih.rebuilding");
        assert!(aside.join("progress.json").exists(), "it was begun");
        let mut interrupted = 0;
        for moment in ["site", "site/site.db", "site/site.db-wal"] {
            let far = aside.join(moment);
            if member.killed_at(&rebuild, || far.exists()).await {
                interrupted += 1;
            }
            if member.folder().exists() {
                break;
            }
        }
        assert!(interrupted > 0, "it was interrupted at least once");
        if !member.folder().exists() {
            let said = member.command_says(&rebuild).await;
            assert!(!said.contains("KHÁC") && !said.contains("THIẾU"), "{said}");
        }
        assert!(!aside.exists(), "nothing is left aside");
        member.start().await;
        member
            .visitor()
            .get(&published.page)
            .await
            .must_say(&published.title);
        let desk = member.staff_again(&desk).await;
        desk.visitor
            .get("/quan-tri/bai-viet")
            .await
            .must_say(SECRET);
    })
    .await;
}

#[tokio::test]
async fn without_key_or_backup_everything_public_comes_back() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        let editor = province.hub.staff().await;
        let desk = member.staff().await;
        let with_picture = Text {
            picture: Some("Bà con trên nương"),
            ..Text::article("Vào mùa cà phê")
        };
        let published = desk.publish(&with_picture).await;
        editor.accept(&published.title).await;
        let revised = desk
            .revise(&published, "Vào mùa cà phê năm nay", "Sửa tiêu đề.")
            .await;
        desk.save(&Text::article(SECRET)).await;
        member.command_says(&["backup"]).await;
        let told = member.visitor().get(&revised.page).await;
        eventually("the hub has the revision and its picture", async || {
            let page = province.hub.visitor().get("/").await;
            page.showing(&revised.title)?.showing("/media/sha256/")
        })
        .await;
        member.stop().await;
        fs::remove_dir_all(member.folder()).expect("it is gone");

        let code = province.allow_rebuilding(&member.id).await;
        let hub_url = province.hub.base_url();
        let (listen, private) = (member.listens_at(), member.private_address());
        let said = member
            .command_says(&[
                "rebuild",
                "--hub",
                hub_url.as_str(),
                "--code",
                &code,
                "--without-backup",
                "--listen",
                &listen,
                "--private-listen",
                &private,
            ])
            .await;
        assert!(said.contains("KHÔNG LẤY LẠI ĐƯỢC: tài khoản"), "{said}");
        assert!(!said.contains("THIẾU"), "{said}");
        member.start().await;
        let now = member.visitor().get(&revised.page).await;
        assert_eq!(now.status, 200);
        now.must_say(&revised.title);
        assert!(told.body.contains("/media/sha256/") && now.body.contains("/media/sha256/"));
        let desk = member.staff().await;
        let drafts = desk.visitor.get("/quan-tri/bai-viet").await;
        assert!(!drafts.says(SECRET), "drafts were nowhere but there");
        let next = desk.publish(&Text::article("Tin của máy mới")).await;
        editor.accept(&next.title).await;
        assert!(!province.hub.log().contains("item refused"));
        // The old backups cannot be opened without their key; new ones begin beside them.
        member.command_says(&["backup"]).await;
        member.command_says(&["drill"]).await;
        member.command_says(&["recovery-key", "--new"]).await;
        member.command_says(&["backup"]).await;
        let listed = member.command_says(&["backups"]).await;
        assert!(listed.contains("1 bản sao lưu"), "{listed}");
        let aside = province.hub.folder().join("vault/set-aside");
        assert!(
            !files_below(&aside).is_empty(),
            "the old ones are kept for a while"
        );
    })
    .await;
}

#[tokio::test]
async fn a_damaged_vault_is_noticed_and_restic_reads_a_whole_one() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let member = province.commune("xã Kon Braih").await;
        let desk = member.staff().await;
        let with_picture = Text {
            picture: Some("Bà con trên nương"),
            ..Text::article("Vào mùa cà phê")
        };
        desk.publish(&with_picture).await;
        desk.save(&Text::article(SECRET)).await;
        member.command_says(&["backup"]).await;
        desk.publish(&Text::article("Tin thứ hai")).await;
        member.command_says(&["backup"]).await;
        let listed = member.command_says(&["backups"]).await;
        assert!(listed.contains("2 bản sao lưu"), "{listed}");
        let drilled = member.command_says(&["drill"]).await;
        assert!(
            drilled.contains("bằng nhau") && !drilled.contains("KHÁC"),
            "{drilled}"
        );
        member.command_says(&["backup-check"]).await;
        let status = member.command_says(&["status"]).await;
        assert!(!status.contains("CẦN XEM"), "{status}");

        let vault = province.hub.folder().join("vault").join(&member.id);
        let restored = member.folder().with_extension("restic");
        let password = member.folder().join("recovery.key");
        restic(
            &vault,
            &password,
            &["check", "--read-data", "--no-cache", "--no-lock"],
        );
        let target = restored.to_str().expect("UTF-8");
        restic(
            &vault,
            &password,
            &[
                "restore",
                "latest",
                "--no-cache",
                "--no-lock",
                "--target",
                target,
            ],
        );
        let settings = fs::read(member.folder().join("settings.toml")).expect("settings");
        assert_eq!(
            fs::read(restored.join("settings.toml")).expect("restored"),
            settings
        );
        assert!(restored.join("site.db").exists() && restored.join("media").is_dir());

        // A bit flips on the hub's disk.
        for pack in files_below(&vault.join("data")) {
            let mut bytes = fs::read(&pack).expect("a pack");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(&pack, bytes).expect("a flipped bit");
        }
        let said = member.run(&["backup-check"]).await.expect_err("damaged");
        assert!(
            said.contains("hỏng") || said.contains("KHÔNG ĐƯỢC"),
            "{said}"
        );
        member.run(&["drill"]).await.expect_err("damaged");
        let status = member.command_says(&["status"]).await;
        assert!(status.contains("CẦN XEM"), "{status}");
        // The province sees it too.
        let vaults = province.hub.command_says(&["vault", "list"]).await;
        assert!(vaults.contains("CẦN XEM"), "{vaults}");
        let editor = province
            .hub
            .sign_in(province.hub.account("hub_admin").await)
            .await;
        eventually("the table of members says what is wrong", async || {
            let members = editor.visitor.get("/quan-tri/don-vi").await;
            members.showing("class=\"c-sao-luu behind\"")
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn nobody_reaches_the_vault_of_another_and_nothing_in_it_is_destroyed() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let member = province.commune("xã Kon Braih").await;
        member.command_says(&["backup"]).await;
        let peer = province.faulty_peer("xã Đăk Kôi").await;
        let theirs = format!("/v1/vault/{}/snapshots/", member.id);
        let own = format!("/v1/vault/{}/snapshots/", peer.site);
        assert_eq!(
            peer.send(&peer.question(&theirs)).await.status,
            404,
            "another's vault"
        );
        assert_eq!(
            peer.send(&peer.question(&own)).await.status,
            200,
            "its own, which is empty"
        );
        let unsigned = province.hub.visitor().get(&theirs).await;
        assert_eq!(unsigned.status, 401);
        let name = "0".repeat(64);
        for path in [
            "../../settings.toml",
            "..%2F..%2Fsettings.toml",
            &name[..63],
        ] {
            let path = format!("/v1/vault/{}/data/{path}", peer.site);
            assert!(
                peer.send(&peer.question(&path)).await.status >= 400,
                "{path}"
            );
        }
        let put = async |path: &str, bytes: &[u8]| {
            let path = format!("/v1/vault/{}/{path}", peer.site);
            let request = peer.signed(&path, "application/octet-stream", bytes.to_vec(), now());
            let first = peer.send(&request).await.status;
            assert_eq!(peer.send(&request).await.status, 401, "a recorded request");
            first
        };
        assert_eq!(
            put(&format!("data/{name}"), b"khac").await,
            400,
            "not its name"
        );
        assert_eq!(put("config", b"mot").await, 200);
        assert_eq!(put("config", b"hai").await, 409, "nothing is replaced");
    })
    .await;
}

/// What a reader finds in a page or a feed: without what is made anew for each visitor, and without the
/// tombstones of a feed, which say when they came.
fn as_read(page: &Page) -> String {
    if let Ok(feed) = serde_json::from_str::<serde_json::Value>(&page.body) {
        return feed["items"].to_string();
    }
    let lines = page.body.lines();
    let kept: Vec<&str> = lines.filter(|line| !line.contains("csrf")).collect();
    kept.join("\n")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Asserts that `words` stand nowhere below `folder`.
fn assert_unreadable(folder: &Path, words: &str) {
    let files = files_below(folder);
    assert!(!files.is_empty(), "there is a backup");
    for file in files {
        let bytes = fs::read(&file).expect("a file");
        let is_there = bytes
            .windows(words.len())
            .any(|part| part == words.as_bytes());
        assert!(!is_there, "{} can be read by its keeper", file.display());
    }
}

/// Debian's own restic, which knows nothing of us.
fn restic(repository: &Path, password: &Path, arguments: &[&str]) {
    let done = Command::new("restic")
        .arg("-r")
        .arg(repository)
        .arg("--password-file")
        .arg(password)
        .args(arguments)
        .output()
        .expect("restic is installed: apt-get install restic");
    assert!(
        done.status.success(),
        "restic {arguments:?}: {}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}
