//! What single steps of a call or an event take, with the memory they ask for: `make micro`.
//!
//! Inputs are made here, as the server writes them: compact, `<`, `>` and `&` escaped.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot work has nothing to say")]

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher, black_box};
use matterapi_core::Route;
use matterapi_core::events::event::Event;
use matterapi_core::events::frame::{Frame, event_name};
use matterapi_core::events::post::Post;
use matterapi_core::json::weight::Counts;
use matterapi_core::json::{Scanner, Scratch, quoted};
use matterapi_core::route::Value;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Texts as messages have them: most are ASCII, some are not, some have escapes.
const TEXTS: [(&str, &str); 3] = [
    ("ascii", "deploy pipeline review branch green rollback metrics please tomorrow database "),
    ("accents", "déploiement à revoir, café après la réunion \u{2014} merci d'avance à vous "),
    ("escapes", "first line\\nsecond \\\"quoted\\\" \\u003e see \\u0026 more\\n\\n"),
];

fn post(number: usize) -> String {
    let words = TEXTS[0].1.repeat(3);
    format!(
        "{{\"id\":\"{number:026}\",\"create_at\":1767225600000,\"update_at\":1767225600000,\"edit_at\":0,\
         \"delete_at\":0,\"is_pinned\":false,\"user_id\":\"{user:026}\",\"channel_id\":\"{channel:026}\",\
         \"root_id\":\"\",\"original_id\":\"\",\"message\":\"{words}\\n\\u003e see `#{number}`\",\"type\":\"\",\
         \"props\":{{\"disable_group_highlight\":true}},\"hashtags\":\"\",\"file_ids\":[],\"pending_post_id\":\"\",\
         \"remote_id\":\"\",\"reply_count\":0,\"last_reply_at\":0,\"participants\":null,\"metadata\":{{}}}}",
        user = number % 12,
        channel = 1,
    )
}

fn post_list(posts: usize) -> String {
    let listed: Vec<String> = (0..posts).map(|number| format!("\"{number:026}\":{}", post(number))).collect();
    let order: Vec<String> = (0..posts).map(|number| format!("\"{number:026}\"")).collect();
    format!("{{\"order\":[{}],\"posts\":{{{}}}}}", order.join(","), listed.join(","))
}

fn posted() -> String {
    format!(
        "{{\"event\": \"posted\", \"data\": {{\"channel_display_name\":\"Release\",\"channel_name\":\"release\",\
         \"channel_type\":\"O\",\"post\":{},\"sender_name\":\"@user1\",\"set_online\":true,\"team_id\":\"{:026}\"}}, \
         \"broadcast\": {{\"omit_users\":null,\"user_id\":\"\",\"channel_id\":\"{:026}\",\"team_id\":\"\",\
         \"connection_id\":\"\",\"omit_connection_id\":\"\"}}, \"seq\": 12345}}",
        quoted(&post(1)),
        2,
        1,
    )
}

/// Passes over a list of posts without making anything of it.
#[divan::bench(args = [200, 2_000])]
fn scan(bencher: Bencher<'_, '_>, posts: usize) {
    let text = post_list(posts);
    bencher.counter(BytesCount::of_str(&text)).with_inputs(Scratch::default).bench_local_refs(|scratch| {
        let mut scanner = Scanner::new(black_box(&text));
        scanner.skip(scratch).unwrap().len()
    });
}

/// What a list of posts would weigh in Python.
#[divan::bench]
fn weigh(bencher: Bencher<'_, '_>) {
    let text = post_list(200);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| Counts::of(black_box(text.as_bytes())));
}

/// Decodes a string of about 500 bytes.
#[divan::bench(args = ["ascii", "accents", "escapes"])]
fn string(bencher: Bencher<'_, '_>, kind: &str) {
    let (_, piece) = TEXTS.iter().find(|(name, _)| *name == kind).unwrap();
    let text = format!("\"{}\"", piece.repeat(500 / piece.len()));
    let mut scratch = Scratch::default();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| Scanner::new(black_box(&text)).string(&mut scratch).unwrap().len());
}

/// Fills a route with a path value and two of a query.
#[divan::bench]
fn fill_route(bencher: Bencher<'_, '_>) {
    let route = Route::parse("GET /api/v4/channels/{channel_id}/posts{?page,per_page,since}").unwrap();
    bencher.bench_local(|| {
        let value = |name: &str| {
            Ok(match name {
                "channel_id" => Some(Value::Text("4xp9fdt7pbgium38k0awyfwmac".into())),
                "page" => Some(Value::Text("0".into())),
                "per_page" => Some(Value::Text("200".into())),
                _ => None,
            })
        };
        black_box(&route).fill(value).unwrap()
    });
}

/// Tells what a frame is, from its ends.
#[divan::bench]
fn classify_frame(bencher: Bencher<'_, '_>) {
    let text = posted();
    bencher.bench_local(|| Frame::of(black_box(text.as_bytes())));
}

/// Reads the name of an event, which decides whether the rest is looked at.
#[divan::bench]
fn name_of_event(bencher: Bencher<'_, '_>) {
    let text = posted();
    bencher.bench_local(|| event_name(black_box(text.as_bytes())).len());
}

/// Reads the head of the post within an event.
#[divan::bench]
fn head_of_post(bencher: Bencher<'_, '_>) {
    let text = posted();
    assert_eq!(Event::of(text.as_bytes()).post().unwrap().create_at, 1_767_225_600_000);
    bencher.bench_local(|| Event::of(black_box(text.as_bytes())).post().map(Post::latest));
}
