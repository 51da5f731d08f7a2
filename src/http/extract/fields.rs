//! Deserialization of structs from named values, for query strings and JSON bodies alike.

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Error, Map, Value};

/// Placeholder for the name of the field in the texts of deserialization errors.
pub const FIELD: &str = "{field}";

/// Deserializes a struct from the values that the function returns for the names of its fields.
///
/// Fields are visited in the order of their declaration, absent ones as null, so that a request
/// with several faults always gets the same error.
pub struct FieldsDeserializer<F>(pub F);

struct Fields {
    names: std::slice::Iter<'static, &'static str>,
    current: &'static str,
    values: Map<String, Value>,
}

impl<'de, F> Deserializer<'de> for FieldsDeserializer<F>
where
    F: FnOnce(&'static [&'static str]) -> Result<Map<String, Value>, Error>,
{
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(Fields { names: names.iter(), current: "", values: (self.0)(names)? })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only structs have fields"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(name) = self.names.next() else {
            return Ok(None);
        };
        self.current = name;
        let name = IntoDeserializer::<Error>::into_deserializer(*name);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.values.remove(self.current).unwrap_or_default();
        seed.deserialize(value)
            .map_err(|error| Error::custom(error.to_string().replace(FIELD, self.current)))
    }
}
