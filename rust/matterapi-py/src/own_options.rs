//! What sets some calls apart from the others of their session.

use std::sync::Arc;

use matterapi_core::http::OwnOptions as CoreOwnOptions;
use matterapi_core::options::{Timeout, header_map};
use matterapi_core::retry::Policy;
use pyo3::prelude::*;

use crate::convert::seconds;
use crate::errors::Refusal;

/// Seconds to connect, to read and to write.
type Phases = (Option<f64>, Option<f64>, Option<f64>);

/// See the module. Made once for many calls.
#[pyclass(frozen, module = "matterapi._core")]
pub struct OwnOptions(pub(crate) Arc<CoreOwnOptions>);

#[pymethods]
impl OwnOptions {
    #[new]
    #[pyo3(signature = (*, headers=Vec::new(), anonymous=false, retry=None, timeout=None, idempotent=false))]
    fn new(
        py: Python<'_>,
        headers: Vec<(String, String)>,
        anonymous: bool,
        retry: Option<(u32, Option<f64>)>,
        timeout: Option<Phases>,
        idempotent: bool,
    ) -> PyResult<Self> {
        let make = || -> Result<CoreOwnOptions, Refusal> {
            let policy =
                |(retries, deadline)| Ok::<_, Refusal>(Policy { retries, deadline: seconds(deadline)? });
            let limits = |(connect, read, write)| {
                Ok::<_, Refusal>(Timeout {
                    connect: seconds(connect)?,
                    read: seconds(read)?,
                    write: seconds(write)?,
                    pool: None,
                })
            };
            Ok(CoreOwnOptions {
                headers: header_map(&headers)?,
                anonymous,
                retry: retry.map(policy).transpose()?,
                timeout: timeout.map(limits).transpose()?,
                idempotent,
            })
        };
        make().map(Arc::new).map(Self).map_err(|refusal| refusal.into_exception(py, None))
    }
}
