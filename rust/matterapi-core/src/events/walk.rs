//! The way through a channel: from what changed in it, and where that answer is full, from page to page.
//!
//! Pages are walked by post: from the first new one that is known back to the last one from before, then forward.
//! The server compares times only, and leaves out what has the same as the post that it is asked to go on from
//! (post_store.go, getPostsAround); so the walk goes on from a post whose millisecond is complete.

use super::change::{PAGE_SIZE, Page};
use super::post::Post;
use super::rules::{self, Rule};

/// How much the server lists at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Posts in a full answer about what changed since a time.
    pub changes: usize,
    /// Posts in a full page.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { changes: 1_000, page: PAGE_SIZE }
    }
}

/// What could not be proved about a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// Edits and deletions: there were more changes than the server lists.
    Changes,
    /// New posts: more of one millisecond than a page holds, or pages that could not be walked.
    Posts,
    /// Anything: the server does not let the user read the channel any more.
    Left,
    /// Posts that came in a form that cannot be read.
    Unreadable,
}

impl GapKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Posts => "posts",
            Self::Left => "left",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What is asked for next in a channel.
#[derive(Debug)]
pub(super) enum Walk {
    /// What changed.
    Changes,
    /// Back to where what is known begins. `again`: a post that the way went by was gone.
    Back {
        from: Option<String>,
        again: bool,
    },
    Forward {
        from: String,
        again: bool,
    },
}

/// Where a walk goes on after a page, and what the page leaves unproved.
pub(super) fn step(walk: &Walk, page: &Page, since: i64, limits: Limits) -> (Option<Walk>, Option<GapKind>) {
    let posts: Vec<&Post> = page.rows.iter().map(|row| &row.post).filter(|post| is_post(post)).collect();
    match walk {
        Walk::Changes if page.count() < limits.changes => (None, None),
        Walk::Changes => {
            let new: Vec<&Post> = posts.into_iter().filter(|post| post.create_at > since).collect();
            let walk = Walk::Back { from: above_oldest(&new), again: false };
            (
                rules::holds(Rule::Walk).then_some(walk),
                rules::holds(Rule::LimitNotice).then_some(GapKind::Changes),
            )
        }
        Walk::Back { from: None, .. } if posts.is_empty() => (None, None),
        Walk::Back { again, .. } if posts.is_empty() => lost(*again),
        Walk::Back { again, .. } => {
            let again = *again;
            let oldest = posts.iter().map(|post| post.create_at).min();
            if page.has_older() && oldest.is_none_or(|oldest| oldest > since) {
                return match above_oldest(&posts) {
                    Some(from) => (Some(Walk::Back { from: Some(from), again }), None),
                    // All of one millisecond: there may be more of it than the page holds.
                    None => {
                        let from = posts.last().map(|post| post.id.clone());
                        let unproved = (page.count() >= limits.page).then_some(GapKind::Posts);
                        (Some(Walk::Back { from, again }), unproved)
                    }
                };
            }
            forward(&posts, page, again, limits)
        }
        Walk::Forward { again, .. } if posts.is_empty() && page.count() == 0 => lost(*again),
        Walk::Forward { .. } if !page.has_newer() => (None, None),
        Walk::Forward { again, .. } => forward(&posts, page, *again, limits),
    }
}

/// The post to go on from is gone for good, and with it the way: once more from the newest post.
fn lost(again: bool) -> (Option<Walk>, Option<GapKind>) {
    match again {
        false => (Some(Walk::Back { from: None, again: true }), None),
        true => (None, Some(GapKind::Posts)),
    }
}

/// On from the last post before the newest millisecond, so that none of that time is left out.
fn forward(posts: &[&Post], page: &Page, again: bool, limits: Limits) -> (Option<Walk>, Option<GapKind>) {
    let newest = posts.iter().max_by_key(|post| post.create_at);
    let before = newest.and_then(|newest| {
        posts.iter().filter(|post| post.create_at < newest.create_at).max_by_key(|post| post.create_at)
    });
    let before = if rules::holds(Rule::TieSafe) { before } else { newest };
    let from = |post: &&Post| Some(Walk::Forward { from: post.id.clone(), again });
    match (before, newest) {
        (Some(post), _) => (from(post), None),
        (None, Some(post)) if page.has_newer() => {
            // A page with room to spare has all of its millisecond.
            (from(post), (page.count() >= limits.page).then_some(GapKind::Posts))
        }
        _ => (None, None),
    }
}

/// The oldest post after the oldest millisecond: what is before it has all the posts of that time.
fn above_oldest(posts: &[&Post]) -> Option<String> {
    let oldest = posts.iter().map(|post| post.create_at).min()?;
    let above = posts.iter().filter(|post| post.create_at > oldest);
    above.min_by_key(|post| post.create_at).map(|post| post.id.clone())
}

fn is_post(post: &Post) -> bool {
    post.original_id.is_empty()
}
