//! The JSON of the events: the same on every run, in the shape and size of a real server's.

const FIRST_TIME: u64 = 1_767_225_600_000;
/// The request id of every answer.
pub(crate) const REQUEST_ID: &str = "requestofbenchrequestofben";
const CHANNEL: u64 = 1;
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";
const WORDS: [&str; 16] = [
    "deploy", "pipeline", "review", "branch", "green", "rollback", "metrics", "please", "tomorrow",
    "database", "the", "with", "coffee", "and", "release", "rocket",
];
/// Texts as in `benches/cases/post_bytes.py`: of eight posts five are ASCII.
const MARKS: [&str; 8] = ["", "café", "", "", "🚀", "", "\u{2014}", ""];

/// A number that looks random and depends on `seed` only (the mixing step of splitmix64).
fn mix(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// An id of 26 characters for the `number`th thing of a `kind`.
pub(crate) fn id(kind: &str, number: u64) -> String {
    let mut state = kind.bytes().fold(number, |state, byte| mix(state ^ u64::from(byte)));
    let mut text = String::with_capacity(26);
    for _ in 0..26 {
        state = mix(state);
        let index = usize::try_from(state % 32).unwrap_or(0);
        text.push(ALPHABET.get(index).map_or('y', |byte| char::from(*byte)));
    }
    text
}

fn sentence(number: u64, words: usize) -> String {
    let mut state = number;
    let chosen: Vec<&str> = (0..words)
        .filter_map(|_| {
            state = mix(state);
            WORDS.get(usize::try_from(state % 16).unwrap_or(0)).copied()
        })
        .collect();
    let mark = usize::try_from(number % 8).ok().and_then(|index| MARKS.get(index));
    format!("{} {}", chosen.join(" "), mark.unwrap_or(&""))
}

/// The answer to a route that is not served.
pub(crate) fn not_found() -> String {
    format!(
        "{{\"id\":\"api.context.404.app_error\",\"message\":\"Not served here.\",\
         \"detailed_error\":\"\",\"request_id\":\"{REQUEST_ID}\",\"status_code\":404}}"
    )
}

/// A post whose message has `words` words; every second one has a reaction, every fourth a file.
pub(crate) fn post(number: u64, words: usize) -> String {
    let time = FIRST_TIME + number * 1_000;
    let (id, author) = (id("post", number), id("user", number % 12));
    let channel = id_of_channel();
    let reaction = if number.is_multiple_of(2) {
        format!(
            "\"reactions\":[{{\"user_id\":\"{author}\",\"post_id\":\"{id}\",\"emoji_name\":\"+1\",\
             \"create_at\":{time},\"update_at\":{time},\"delete_at\":0,\"remote_id\":\"\",\
             \"channel_id\":\"{channel}\"}}]"
        )
    } else {
        String::new()
    };
    let (file_id, file) = if number.is_multiple_of(4) {
        file(number, &id, &author, &channel, time)
    } else {
        (String::new(), String::new())
    };
    let comma = if file.is_empty() { "" } else { "," };
    format!(
        "{{\"id\":\"{id}\",\"create_at\":{time},\"update_at\":{time},\"edit_at\":0,\"delete_at\":0,\
         \"is_pinned\":false,\"user_id\":\"{author}\",\"channel_id\":\"{channel}\",\"root_id\":\"\",\
         \"original_id\":\"\",\"message\":\"{message}\\n\\u003e see `#{number}`\",\"type\":\"\",\
         \"props\":{{\"disable_group_highlight\":true}},\"hashtags\":\"\",\"file_ids\":[{file_id}],\
         \"pending_post_id\":\"\",\"remote_id\":\"\",\"reply_count\":0,\"last_reply_at\":0,\
         \"participants\":null,\"metadata\":{{{file}{comma}{reaction}}}}}",
        message = sentence(number, words),
        comma = if reaction.is_empty() { "" } else { comma },
    )
}

fn file(number: u64, post: &str, author: &str, channel: &str, time: u64) -> (String, String) {
    let id = id("file", number);
    let info = format!(
        "\"files\":[{{\"id\":\"{id}\",\"user_id\":\"{author}\",\"post_id\":\"{post}\",\
         \"channel_id\":\"{channel}\",\"create_at\":{time},\"update_at\":{time},\"delete_at\":0,\
         \"name\":\"chart-{number}.png\",\"extension\":\"png\",\"size\":{size},\
         \"mime_type\":\"image/png\",\"width\":1184,\"height\":314,\"has_preview_image\":true,\
         \"mini_preview\":null,\"remote_id\":\"\",\"archived\":false}}]",
        size = 20_000 + number,
    );
    (format!("\"{id}\""), info)
}

fn id_of_channel() -> String {
    id("channel", CHANNEL)
}

/// The first frame of a websocket.
pub(crate) fn hello() -> String {
    format!(
        "{{\"event\":\"hello\",\"data\":{{\"connection_id\":\"{connection}\",\
         \"server_hostname\":\"bench\",\"server_version\":\"11.11.0..benchmark.false\"}},\
         \"broadcast\":{{\"omit_users\":null,\"user_id\":\"{user}\",\"channel_id\":\"\",\
         \"team_id\":\"\",\"connection_id\":\"\",\"omit_connection_id\":\"\"}},\"seq\":0}}\n",
        connection = id("connection", 1),
        user = id("user", 1),
    )
}

/// A `posted` event, split where its sequence number goes.
///
/// The server writes an event once for all recipients, with spaces after the outer separators; one that
/// it changed for a recipient (here every fourth, a mention) is compact and ends in a line feed
/// (websocket_message.go).
pub(crate) fn posted(number: u64) -> (String, String) {
    let post = post(number, 140).replace('\\', "\\\\").replace('"', "\\\"");
    let compact = number % 4 == 3;
    let (gap, mentions, end) = if compact {
        let mentions = format!("\"mentions\":\"[\\\"{}\\\"]\",", id("user", 1));
        ("", mentions, "}\n")
    } else {
        (" ", String::new(), "}")
    };
    let before = format!(
        "{{\"event\":{gap}\"posted\",{gap}\"data\":{gap}{{\"channel_display_name\":\"Release\",\
         \"channel_name\":\"release\",\"channel_type\":\"O\",{mentions}\"post\":\"{post}\",\
         \"sender_name\":\"@user{sender}\",\"set_online\":true,\"team_id\":\"{team}\"}},{gap}\
         \"broadcast\":{gap}{{\"omit_users\":null,\"user_id\":\"\",\"channel_id\":\"{channel}\",\
         \"team_id\":\"\",\"connection_id\":\"\",\"omit_connection_id\":\"\"}},{gap}\"seq\":{gap}",
        sender = number % 12,
        team = id("team", 1),
        channel = id_of_channel(),
    );
    (before, end.to_owned())
}

/// A `typing` event, split where its sequence number goes.
pub(crate) fn typing(number: u64) -> (String, String) {
    let user = id("user", number % 12);
    let before = format!(
        "{{\"event\": \"typing\", \"data\": {{\"parent_id\":\"\",\"user_id\":\"{user}\"}}, \
         \"broadcast\": {{\"omit_users\":{{\"{user}\":true}},\"user_id\":\"\",\"channel_id\":\"{channel}\",\
         \"team_id\":\"\",\"connection_id\":\"\",\"omit_connection_id\":\"\"}}, \"seq\": ",
        channel = id_of_channel(),
    );
    (before, "}".to_owned())
}
