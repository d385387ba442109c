//! Files that are damaged, cut, deleted, replaced or locked away under a site.

use rand::RngExt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tests::{
    Backend, Chance, Member, Province, Server, Text, bounded, eventually, leave_out, measured,
    rounds,
};

/// A power cut on a disk that lies: the end of the write-ahead log never made it. What the member had
/// said is at the hub, and comes back.
#[tokio::test]
async fn a_log_file_that_was_cut_is_made_good_by_the_hub() {
    bounded(async {
        let mut chance = Chance::begin();
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        let editor = province.hub.staff().await;
        let desk = member.staff().await;
        let (mut titles, mut cut_off) = (Vec::new(), 0);
        for round in 0..rounds(3, 40) {
            for number in 0..3 {
                let title = format!("Tin lần {round}.{number}.");
                desk.publish(&Text::article(&title)).await;
                editor.finds_in_inbox(&title).await;
                titles.push(title);
            }
            let notice = format!("Thông báo lần {round}.");
            editor.publish(&Text::notice(&notice)).await;
            titles.push(notice.clone());
            eventually("the notice has come", async || {
                member.visitor().get("/").await.showing(&notice)
            })
            .await;
            member.kill_9();
            cut_off += maim_wal(&member, &mut chance);
            member.start().await;
            // Its own words come back with its first greeting; those of the province when the province
            // next has something to say, or greets it.
            let next = format!("Thông báo sau lần {round}.");
            editor.publish(&Text::notice(&next)).await;
            titles.push(next);
            eventually("the member has everything again, once", async || {
                let here = member.records().await;
                let not_once = |title: &&String| here.rows_saying("entries", title) != 1;
                match titles.iter().find(not_once) {
                    None => Ok(()),
                    Some(title) => Err(format!("not once: {title}")),
                }
            })
            .await;
        }
        println!("{cut_off} bytes of write-ahead logs cut off or scribbled over");
        let log = province.hub.log();
        assert!(!log.contains("item refused"), "the hub refused something");
    })
    .await;
}

/// Cuts the end off the write-ahead log, or scribbles over it, or takes all of it; and takes away the
/// index beside it half of the time.
fn maim_wal(member: &Member, chance: &mut Chance) -> u64 {
    let wal = member.folder().join("site.db-wal");
    let length = fs::metadata(&wal).map_or(0, |about| about.len());
    let from = chance.random_range(0..=length);
    let mut bytes = fs::read(&wal).unwrap_or_default();
    let at = usize::try_from(from).expect("a length");
    if chance.random_bool(0.5) {
        bytes.truncate(at);
    } else {
        // A torn page: half old, half new.
        let end = bytes.len().min(at + 2_048);
        chance.fill(&mut bytes[at..end]);
    }
    fs::write(&wal, bytes).expect("writes");
    if chance.random_bool(0.5) {
        remove(&member.folder().join("site.db-shm"));
    }
    length - from
}

/// The hub has lost the end of what it had acknowledged: those who said it say it again.
#[tokio::test]
async fn a_hub_that_lost_its_last_words_is_told_them_again() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let member = province.commune("xã Kon Braih").await;
        let (desk, editor) = (member.staff().await, province.hub.staff().await);
        for round in 0..rounds(2, 20) {
            // Everything up to here is in the database itself, not in the log beside it.
            province.hub.restart().await;
            let titles: Vec<String> = (0..4)
                .map(|number| format!("Tin sẽ mất ở tỉnh, số {round}.{number}."))
                .collect();
            for title in &titles {
                desk.publish(&Text::article(title)).await;
                editor.finds_in_inbox(title).await;
            }
            province.hub.kill_9();
            remove(&province.hub.folder().join("site.db-wal"));
            remove(&province.hub.folder().join("site.db-shm"));
            province.hub.start().await;
            // The next thing anybody says shows that there is a gap; without it, the next greeting does.
            let next = format!("Tin sau đó, số {round}.");
            desk.publish(&Text::article(&next)).await;
            eventually("the province has all of it again, once", async || {
                let there = province.records().await;
                let not_once = |title: &&String| there.rows_saying("entries", title) != 1;
                match titles.iter().find(not_once) {
                    None => Ok(()),
                    Some(title) => Err(format!("not once: {title}")),
                }
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_deleted_under_a_running_site_is_saved_beside_it() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        let desk = member.staff().await;
        let mut published = vec![desk.publish(&Text::article("Tin trước khi bị xóa")).await];
        for name in ["site.db", "site.db-wal", "site.db-shm"] {
            remove(&member.folder().join(name));
        }
        // Whatever is acknowledged now is kept; what cannot be kept is not acknowledged.
        for number in 0..3 {
            let text = Text::article(format!("Tin lúc vừa bị xóa, số {number}"));
            if let Ok(written) = desk.try_publish(&text).await {
                published.push(written);
            }
        }
        assert_eq!(published.len(), 1, "acknowledged what nobody will find again");
        let rescued = member.folder().join("site.db.rescued");
        eventually("what is known is saved beside it", async || {
            let ready = member.operator().try_get("/health/ready").await;
            match ready {
                Ok(page) if page.status == 503 && rescued.exists() => Ok(()),
                Ok(page) => Err(format!("{} {}", page.status, page.body)),
                Err(error) => Err(error.to_string()),
            }
        })
        .await;
        let page = member.visitor().get(&published[0].page).await;
        assert_eq!(page.status, 200, "everybody reads on");

        // The operator does what the log says.
        assert!(member.log().contains("site.db.rescued"), "the log says where it is");
        member.stop().await;
        for name in ["site.db", "site.db-wal", "site.db-shm"] {
            remove(&member.folder().join(name));
        }
        fs::rename(&rescued, member.folder().join("site.db")).expect("moves");
        member.start().await;
        let page = member.visitor().get(&published[0].page).await;
        assert_eq!(page.status, 200, "it is all there");
        let next = desk.publish(&Text::article("Tin sau khi đặt lại")).await;
        province.hub.staff().await.finds_in_inbox(&next.title).await;
        measured("G13", "database deleted under a running site: refused to write within 1 commit, saved, put back, 0 lost");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        member.stop().await;
        let file = member.folder().join("site.db");
        // Else SQLite would take the first page from the log beside it, and all were well.
        tests::records::fold_in(&file).await;
        let good = fs::read(&file).expect("reads");
        let mut damaged = good.clone();
        damaged[..100].fill(0x5A);
        fs::write(&file, &damaged).expect("writes");
        let said = member.fails_to_start().await;
        assert!(
            said.contains("site.db") || said.contains("cơ sở dữ liệu"),
            "{said}"
        );
        assert_eq!(
            fs::read(&file).expect("reads"),
            damaged,
            "nobody touched it"
        );
        fs::write(&file, good).expect("writes");
        member.start().await;
        works(&province, &member).await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_may_not_be_read_is_named() {
    bounded(async {
        let province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        member.stop().await;
        if rustix::process::geteuid().is_root() {
            if !may_be_ordinary() {
                leave_out(
                    "files that may not be read: setpriv is missing, and root reads everything",
                );
                return;
            }
            member.runs_under(&ORDINARY);
        }
        for name in ["site.db", "key.pem", "settings.toml"] {
            let file = member.folder().join(name);
            let before = fs::metadata(&file).expect("is there").permissions();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("locks");
            let said = member.fails_to_start().await;
            assert!(said.contains(name), "{name} is not named: {said}");
            fs::set_permissions(&file, before).expect("unlocks");
        }
        member.start().await;
        works(&province, &member).await;
    })
    .await;
}

/// Root without its way around permissions.
const ORDINARY: [&str; 4] = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
    "--",
];

fn may_be_ordinary() -> bool {
    let tried = std::process::Command::new(ORDINARY[0])
        .args(&ORDINARY[1..])
        .arg("true")
        .status();
    tried.is_ok_and(|status| status.success())
}

async fn works(province: &Province, member: &Server) {
    let written = member
        .staff()
        .await
        .publish(&Text::article("Tin sau đó"))
        .await;
    province
        .hub
        .staff()
        .await
        .finds_in_inbox(&written.title)
        .await;
}

fn remove(file: &std::path::Path) {
    if file.exists() {
        fs::remove_file(file).expect("removes");
    }
}
