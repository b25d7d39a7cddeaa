//! Azure: Shared Key of Batch and of Storage, SAS tokens of Event Hubs and IoT Hub.

mod batch;
mod event_hub;
mod iot_hub;
pub(crate) mod storage;

use crate::case::Group;

pub(crate) fn groups() -> Vec<Group> {
    [batch::groups(), storage::groups(), event_hub::groups(), iot_hub::groups()]
        .into_iter()
        .flatten()
        .collect()
}
