//! Whether the server still takes the session: asked over REST when a socket ends without a word.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::lifecycle::Verdict;
use crate::error::{Error, ErrorKind};
use crate::http::{OwnOptions, Request, Session, Transport};
use crate::route::Route;

const ME: &str = "GET /api/v4/users/me";

/// Longest time for the question, its repetitions not included.
const CHECK_WAIT: Duration = Duration::from_secs(60);

/// Asks whether the credentials are good.
///
/// # Errors
/// The rejection by a healthy server; [`ErrorKind::Auth`] when the session cannot log in.
pub(super) async fn judge(session: &Session, transport: &Transport) -> Result<Verdict, Error> {
    timeout(CHECK_WAIT, ask(session, transport)).await.unwrap_or(Ok(Verdict::Undecided))
}

/// Makes a call for the server to see; what comes of it is nobody's concern.
pub(super) async fn show(session: &Session, transport: &Transport) {
    if let Ok(me) = request(ME) {
        let _ = timeout(CHECK_WAIT, session.ask_small(transport, &me)).await;
    }
}

async fn ask(session: &Session, transport: &Transport) -> Result<Verdict, Error> {
    let me = request(ME)?;
    let rejection = match session.send_small(transport, &me).await {
        Ok(response) if response.status.is_success() => return Ok(Verdict::Accepted),
        Ok(response) if response.status.as_u16() == 401 => Error::refused(response).on(&ME.into()),
        Ok(_) => return Ok(Verdict::Undecided),
        Err(error) => match error.response() {
            Some(response) if response.status.as_u16() == 401 => error,
            // A login that cannot be made. One that was answered without a token, a proxy may have answered.
            _ if error.kind() == ErrorKind::Auth && !error.sent() => return Err(error),
            _ => return Ok(Verdict::Undecided),
        },
    };
    match is_healthy(session, transport).await {
        true => Err(rejection),
        false => Ok(Verdict::Undecided),
    }
}

/// `?get_server_status=true` answers 500 with `database_status: UNHEALTHY` without the database.
///
/// Asked without a login: a login that is refused is what this is to judge.
async fn is_healthy(session: &Session, transport: &Transport) -> bool {
    let Ok(ping) = request("GET /api/v4/system/ping?get_server_status=true") else {
        return false;
    };
    match session.ask_small(transport, &ping).await {
        Ok(response) => {
            let unhealthy = response.body.windows(11).any(|window| window == b"\"UNHEALTHY\"");
            response.status.is_success() && !unhealthy
        }
        Err(_) => false,
    }
}

fn request(route: &str) -> Result<Request, Error> {
    let route = Arc::new(Route::parse(route)?);
    let target = route.fill(|_| Ok(None))?;
    Ok(Request { route, target, body: None, own: OwnOptions::none() })
}
