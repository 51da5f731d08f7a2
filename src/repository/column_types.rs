//! Domain types as column types. A stored value that this program never writes makes the read
//! fail; the error names the column and not the value.

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
    types::Json,
};

use crate::domain::{Memory, MessageId, Sender, SessionId, Status, UnansweredRecordings};

/// Implements the traits of a column type for a type that parses text.
macro_rules! text_column {
    ($domain_type:ty) => {
        impl Type<Postgres> for $domain_type {
            fn type_info() -> PgTypeInfo {
                <str as Type<Postgres>>::type_info()
            }
        }

        impl Decode<'_, Postgres> for $domain_type {
            fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
                <$domain_type>::parse(value.as_str()?).ok_or_else(|| "an unexpected value".into())
            }
        }
    };
}

text_column!(MessageId);
text_column!(SessionId);
text_column!(Sender);
text_column!(Status);

impl Type<Postgres> for Memory {
    fn type_info() -> PgTypeInfo {
        <Json<Self> as Type<Postgres>>::type_info()
    }
}

impl Decode<'_, Postgres> for Memory {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let Json(memory) = Json::<Self>::decode(value).map_err(|_| "an unexpected value")?;
        Ok(memory)
    }
}

impl Type<Postgres> for UnansweredRecordings {
    fn type_info() -> PgTypeInfo {
        <Json<Self> as Type<Postgres>>::type_info()
    }
}

impl Decode<'_, Postgres> for UnansweredRecordings {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let Json(recordings) = Json::<Self>::decode(value).map_err(|_| "an unexpected value")?;
        Ok(recordings)
    }
}
