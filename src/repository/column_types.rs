//! Columns read as what they mean: a value that no code of ours writes is an error of the read, which names the column and not the value.

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
};

use crate::domain::{MessageId, Sender, SessionId, Status};

/// Makes `$meaning` a type of columns of text.
macro_rules! text_column {
    ($meaning:ty) => {
        impl Type<Postgres> for $meaning {
            fn type_info() -> PgTypeInfo {
                <str as Type<Postgres>>::type_info()
            }
        }

        impl Decode<'_, Postgres> for $meaning {
            fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
                <$meaning>::parse(value.as_str()?).ok_or_else(|| "an unexpected value".into())
            }
        }
    };
}

text_column!(MessageId);
text_column!(SessionId);
text_column!(Sender);
text_column!(Status);
