//! What deserves a second look before the public reads it. Nothing here forbids
//! anything; what must not be said is the business of [`screening`](crate::screening).

use super::{draft, technical};
use crate::entries::Kind;

/// A title longer than this is cut off in lists.
const ADVISED_TITLE: usize = 100;

/// What a person should look at again in `draft`, one sentence each.
pub fn second_look(draft: &draft::Model) -> Vec<String> {
    let mut looks = Vec::new();
    let is_told = matches!(draft.kind(), Kind::Article | Kind::Notice);
    if is_told && draft.lead.is_empty() {
        looks.push("Bài chưa có sapo: trang chủ và khi chia sẻ chỉ hiện tiêu đề.".to_owned());
    }
    if draft.kind() == Kind::Article && draft.picture.is_none() {
        looks.push("Bài chưa có ảnh đại diện.".to_owned());
    }
    if draft.title.chars().count() > ADVISED_TITLE {
        looks.push("Tiêu đề dài hơn 100 ký tự, dễ bị cắt khi hiện trong danh sách.".to_owned());
    }
    looks.extend(technical::uncredited(draft));
    looks
}
