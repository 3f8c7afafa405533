//! What was handed over already: so that nothing comes twice, and nothing is left out.
//!
//! A post's revision is its id and its `update_at`. REST and the live events overlap on purpose, so what one of
//! them brought is not taken from the other again.

use rustc_hash::FxHashMap;

use super::change::{Change, Kind};
use super::post::Post;

/// How much later than the change that caused it the server may stamp a post: a reply stamps its root, a reaction
/// its post, each with the time at which that row is written (post_store.go, Update; reaction_store.go).
const STAMP_DELAY: i64 = 250;

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Whether the post itself was handed over; otherwise only something that stamps it was.
    handed_over: bool,
    /// As a new post, and not only as one that was edited.
    posted: bool,
    deleted: bool,
    update_at: i64,
    edit_at: i64,
    /// When a reply or a reaction that was handed over stamped it last.
    stamped_at: i64,
    /// The last time that has to do with it.
    latest: i64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: FxHashMap<Box<str>, Entry>,
    /// What changed last before this time is none of the stream's business: it began then.
    begin: i64,
}

impl Ledger {
    /// Of a stream that begins at this time, in ms by the server's clock.
    pub fn starting(begin: i64) -> Self {
        Self { entries: FxHashMap::default(), begin }
    }

    /// The stream began at this time, as is known now.
    pub fn begin_at(&mut self, begin: i64) {
        self.begin = begin;
    }

    /// Posts that are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Notes what a live event says, which came at `now` (ms by the server's clock). Whether it is news.
    ///
    /// The edit of a post that is still to be fetched is news, so that it comes before its post: a replica may show
    /// the post as it was before.
    pub fn live(&mut self, change: &Change<'_>, now: i64) -> bool {
        match change {
            Change::Post(kind, post) => {
                let entry = self.entries.get(post.id.as_str()).copied().unwrap_or_default();
                let is_known = match kind {
                    Kind::Posted => entry.posted || entry.deleted,
                    Kind::Edited => {
                        let is_newest = post.update_at > entry.update_at || post.edit_at > entry.edit_at;
                        entry.deleted || entry.handed_over && !is_newest
                    }
                    Kind::Deleted => entry.deleted,
                };
                if !is_known {
                    self.note(*kind, post, now.max(post.latest()));
                }
                !is_known
            }
            Change::Reaction { post_id, at } => {
                self.stamp(post_id, *at, now.max(*at));
                true
            }
            Change::Joined { .. } => true,
        }
    }

    /// Notes a post of a REST answer about what changed after `since`, and says what it is news of.
    pub fn row(&mut self, post: &Post, since: i64) -> Option<Kind> {
        if !post.original_id.is_empty() || post.latest() <= since {
            return None;
        }
        let entry = self.entries.get(post.id.as_str()).copied().unwrap_or_default();
        // Earlier stamps, too: a replica shows the post as it was, and a deletion is noted from when it was heard of.
        let is_stamped =
            entry.stamped_at > 0 && post.update_at <= entry.stamped_at.saturating_add(STAMP_DELAY);
        let kind = match (entry.handed_over, post.delete_at > 0) {
            _ if entry.deleted => return None,
            (true, true) => Kind::Deleted,
            (false, true) if post.delete_at > self.begin => Kind::Deleted,
            (_, false) if !entry.posted && post.create_at > since.max(self.begin) => Kind::Posted,
            (true, false) if post.edit_at > entry.edit_at => Kind::Edited,
            (true, false) if post.update_at > entry.update_at && !is_stamped => Kind::Edited,
            (false, false) if post.edit_at > since.max(self.begin) => Kind::Edited,
            (false, false) if post.update_at > self.begin && !is_stamped => Kind::Edited,
            _ => return None,
        };
        self.note(kind, post, post.latest());
        Some(kind)
    }

    fn note(&mut self, kind: Kind, post: &Post, latest: i64) {
        let entry = self.entries.entry(post.id.as_str().into()).or_default();
        entry.handed_over = true;
        entry.posted |= kind == Kind::Posted;
        entry.deleted |= kind == Kind::Deleted;
        entry.update_at = entry.update_at.max(post.update_at);
        entry.edit_at = entry.edit_at.max(post.edit_at);
        entry.latest = entry.latest.max(latest);
        if !post.root_id.is_empty() {
            // The deletion of a reply stamps its root as well; its event does not say when it was.
            let at = if kind == Kind::Deleted { latest } else { post.latest() };
            self.stamp(&post.root_id, at, latest);
        }
    }

    fn stamp(&mut self, post_id: &str, at: i64, latest: i64) {
        let entry = self.entries.entry(post_id.into()).or_default();
        entry.stamped_at = entry.stamped_at.max(at);
        entry.latest = entry.latest.max(latest);
    }

    /// Forgets what changed last before this time.
    pub fn forget_before(&mut self, time: i64) {
        self.entries.retain(|_, entry| entry.latest >= time);
        if self.entries.capacity() / 4 > self.entries.len() {
            self.entries.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(id: &str, create_at: i64, update_at: i64) -> Post {
        Post { id: id.into(), create_at, update_at, ..Post::default() }
    }

    fn live(ledger: &mut Ledger, kind: Kind, post: Post) -> bool {
        let now = post.latest();
        ledger.live(&Change::Post(kind, &post), now)
    }

    #[test]
    fn what_came_live_does_not_come_by_rest_again() {
        let mut ledger = Ledger::starting(100);
        assert!(live(&mut ledger, Kind::Posted, post("a", 200, 200)));
        assert_eq!(ledger.row(&post("a", 200, 200), 150), None);
        let edited = Post { edit_at: 300, ..post("a", 200, 300) };
        assert_eq!(ledger.row(&edited, 150), Some(Kind::Edited));
        assert_eq!(ledger.row(&edited, 150), None);
    }

    #[test]
    fn what_came_by_rest_does_not_come_live_again() {
        let mut ledger = Ledger::starting(100);
        assert_eq!(ledger.row(&post("a", 200, 200), 150), Some(Kind::Posted));
        assert!(!live(&mut ledger, Kind::Posted, post("a", 200, 200)));
        assert_eq!(ledger.row(&Post { edit_at: 300, ..post("a", 200, 300) }, 150), Some(Kind::Edited));
        assert!(!live(&mut ledger, Kind::Edited, Post { edit_at: 300, ..post("a", 200, 300) }));
        assert!(live(&mut ledger, Kind::Edited, Post { edit_at: 400, ..post("a", 200, 400) }));
        assert_eq!(ledger.row(&Post { delete_at: 500, ..post("a", 200, 500) }, 150), Some(Kind::Deleted));
        assert!(!live(&mut ledger, Kind::Deleted, post("a", 200, 400)));
    }

    #[test]
    fn a_post_that_was_missed_comes_although_an_edit_of_it_has_come() {
        let mut ledger = Ledger::starting(0);
        let edited = Post { edit_at: 300, ..post("a", 200, 300) };
        assert!(live(&mut ledger, Kind::Edited, edited.clone()));
        assert_eq!(ledger.row(&post("a", 200, 200), 150), Some(Kind::Posted), "as a replica has it");
        assert_eq!(ledger.row(&edited, 150), None);
    }

    #[test]
    fn a_late_edit_of_a_deleted_post_is_no_news() {
        let mut ledger = Ledger::starting(0);
        assert_eq!(ledger.row(&Post { delete_at: 500, ..post("a", 200, 500) }, 100), Some(Kind::Deleted));
        assert!(!live(&mut ledger, Kind::Edited, Post { edit_at: 400, ..post("a", 200, 400) }));
    }

    #[test]
    fn former_states_of_an_edited_post_are_no_posts() {
        let mut ledger = Ledger::starting(0);
        let former = Post { original_id: "a".into(), delete_at: 300, ..post("b", 200, 300) };
        assert_eq!(ledger.row(&former, 100), None);
    }

    #[test]
    fn what_was_there_before_the_stream_began_is_no_news_but_its_changes_are() {
        let mut ledger = Ledger::starting(1_000);
        assert_eq!(ledger.row(&post("a", 995, 995), 990), None);
        let edited = Post { edit_at: 1_005, ..post("b", 995, 1_005) };
        assert_eq!(ledger.row(&edited, 990), Some(Kind::Edited));
    }

    #[test]
    fn an_old_post_is_edited_and_a_new_one_posted() {
        let mut ledger = Ledger::starting(0);
        assert_eq!(ledger.row(&Post { edit_at: 600, ..post("a", 200, 600) }, 500), Some(Kind::Edited));
        assert_eq!(ledger.row(&Post { edit_at: 600, ..post("b", 550, 600) }, 500), Some(Kind::Posted));
        assert_eq!(ledger.row(&post("c", 200, 600), 500), Some(Kind::Edited), "a pin or a reaction");
        assert_eq!(ledger.row(&post("d", 200, 500), 500), None);
    }

    #[test]
    fn a_reply_that_was_handed_over_is_no_change_of_its_root() {
        let mut ledger = Ledger::starting(0);
        live(&mut ledger, Kind::Posted, Post { root_id: "root".into(), ..post("reply", 600, 600) });
        assert_eq!(ledger.row(&post("root", 200, 600), 500), None);
        let edited = Post { edit_at: 600, ..post("root", 200, 600) };
        assert_eq!(ledger.row(&edited, 500), Some(Kind::Edited), "in the same millisecond");
        assert_eq!(ledger.row(&Post { edit_at: 600, ..post("root", 200, 5_000) }, 500), Some(Kind::Edited));
    }

    #[test]
    fn a_reaction_that_was_handed_over_is_no_change_of_its_post() {
        let mut ledger = Ledger::starting(0);
        live(&mut ledger, Kind::Posted, post("a", 200, 200));
        assert!(ledger.live(&Change::Reaction { post_id: "a", at: 600 }, 600));
        assert_eq!(ledger.row(&post("a", 200, 603), 150), None);
        assert_eq!(ledger.row(&post("a", 200, 600 + STAMP_DELAY + 1), 150), Some(Kind::Edited));
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let mut ledger = Ledger::starting(0);
        live(&mut ledger, Kind::Posted, post("a", 200, 200));
        live(&mut ledger, Kind::Posted, post("b", 300, 300));
        ledger.forget_before(300);
        assert_eq!(ledger.len(), 1);
        assert!(!live(&mut ledger, Kind::Posted, post("b", 300, 300)));
    }

    #[test]
    fn a_deletion_that_does_not_say_when_is_remembered_from_when_it_came() {
        let mut ledger = Ledger::starting(0);
        let deleted = post("a", 200, 200);
        assert!(ledger.live(&Change::Post(Kind::Deleted, &deleted), 9_000));
        ledger.forget_before(8_000);
        assert_eq!(ledger.row(&Post { delete_at: 8_990, ..post("a", 200, 8_990) }, 100), None);
    }
}
