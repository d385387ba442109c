//! Rows changed behind a site's back: each is found, named, and mended from what the hub holds.

use tests::{Backend, Province, Text, bounded, eventually, measured};

const FORGE: &str = "UPDATE contents SET bytes = CAST(replace(CAST(bytes AS TEXT), 'đồng từ sớm', 'rẫy từ khuya') AS BLOB) \
     WHERE hash IN (SELECT v.content_hash FROM events v JOIN entries e ON e.entry_id = v.entry_id WHERE e.title = $1)";
const DELETE: &str =
    "DELETE FROM events WHERE entry_id IN (SELECT entry_id FROM entries WHERE title = $1)";
/// Two rows of the log trade what they say.
const SWAP: &str = "UPDATE events SET header = other.header, signature = other.signature FROM ( \
       SELECT v.id, v.header, v.signature, v.entry_id FROM events v \
       JOIN entries e ON e.entry_id = v.entry_id WHERE e.title LIKE $1 ORDER BY v.id LIMIT 2) AS other \
     WHERE other.id <> events.id AND events.entry_id IN ( \
       SELECT entry_id FROM entries WHERE title LIKE $1)";
const RENAME: &str = "UPDATE entries SET title = 'Tin giả' WHERE title = $1";

#[tokio::test]
async fn rows_changed_behind_a_site_are_found_named_and_mended() {
    bounded(async {
        let mut province = Province::found(Backend::Sqlite).await;
        let mut member = province.commune("xã Kon Braih").await;
        let (desk, editor) = (member.staff().await, province.hub.staff().await);
        let titles = [
            "Tin bị sửa nội dung",
            "Tin bị xóa khỏi nhật ký",
            "Tin đổi chỗ, số 1",
            "Tin đổi chỗ, số 2",
            "Tin bị đổi tên",
            "Tin sau cùng",
        ];
        for title in titles {
            // Texts of their own, or they would share one content.
            let text = Text {
                lead: format!("Bà con trong xã: {title}."),
                ..Text::article(title)
            };
            desk.publish(&text).await;
            editor.finds_in_inbox(title).await;
        }
        member.stop().await;
        province.hub.stop().await;
        assert_eq!(member.behind(FORGE, titles[0]).await, 1);
        assert_eq!(member.behind(DELETE, titles[1]).await, 1);
        assert_eq!(member.behind(SWAP, "Tin đổi chỗ%").await, 2);
        assert_eq!(member.behind(RENAME, titles[4]).await, 1);

        // Nobody can help: what cannot be made from what is here is named.
        let said = member.run(&["check"]).await.expect_err("damage is no success");
        let alone = said.matches("Chưa khôi phục:").count();
        assert!(alone >= 4, "{said}");
        province.hub.start().await;
        member.start().await;
        eventually("everything is mended", async || {
            match member.run(&["check"]).await {
                Ok(said) if said.contains("; 0 mục hỏng") => Ok(()),
                Ok(said) | Err(said) => Err(said),
            }
        })
        .await;
        let events = "SELECT COUNT(*) FROM events v JOIN entries e ON e.entry_id = v.entry_id WHERE e.title = $1";
        for title in titles {
            assert_eq!(member.counts(events, title).await, 1, "{title}");
        }
        assert_eq!(member.counts("SELECT COUNT(*) FROM entries WHERE title = $1", "Tin giả").await, 0);
        let front = member.visitor().get("/").await;
        front.without("rẫy từ khuya").expect("nothing forged is shown");
        measured(
            "G13",
            &format!(
                "5 rows changed behind a stopped site (a content altered, an event deleted, two events \
                 swapped, a title altered): all found; {alone} named that its own disk could not mend; all \
                 mended once the hub was there"
            ),
        );
    })
    .await;
}
