use super::*;
use crate::sync::greeting;
use crate::testing::pair::{self, push};
use crate::testing::press;
use std::time::Duration;

#[tokio::test]
async fn a_position_given_away_a_second_time_is_told_from_the_first() {
    let pair = pair::pair().await;
    press::article("Có trong bản sao").publish(&pair.hub).await;
    push(&pair.hub, &pair.member).await;
    press::article("Sau bản sao").publish(&pair.hub).await;
    push(&pair.hub, &pair.member).await;
    let stands = greeting::holding(pair.member.db.reader(), pair.hub.id).await;
    let stands = stands.expect("reads").cursors;
    let is_ours = async || {
        let given = has_given(pair.hub.db.reader(), &stands).await;
        given.expect("reads")
    };
    assert!(is_ours().await);

    go_back(&pair.hub, stands.regular - 1).await;
    assert!(!is_ours().await, "further than the stream goes");
    pair.hub.clock.advance(Duration::from_secs(1));
    press::article("Nói tiếp từ bản sao")
        .publish(&pair.hub)
        .await;
    let last = last_number(pair.hub.db.reader(), Counter::Stream).await;
    assert_eq!(last.expect("reads"), stands.regular);
    assert!(!is_ours().await, "the same position, and another moment");
}

/// What a restored copy knows of the stream: up to `last`.
async fn go_back(site: &Site, last: i64) {
    let done = site.db.write(move |tx| {
        Box::pin(async move {
            Entity::delete_many()
                .filter(Column::Position.gt(last))
                .exec(tx)
                .await?;
            let backend = tx.get_database_backend();
            let set = "UPDATE counters SET value = $1 WHERE name = 'stream'";
            tx.execute_raw(Statement::from_sql_and_values(backend, set, [last.into()]))
                .await?;
            Ok(())
        })
    });
    done.await.expect("goes back");
}
