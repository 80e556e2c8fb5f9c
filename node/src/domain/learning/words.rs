//! Closed lists of words: what stands in files is what people say, and what is not on the list is
//! refused with the list.

/// Reads, writes and describes a type that has `ALL`, `words` and `from_words`.
macro_rules! reads_as_words {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.words())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                let word = text.trim().replace('-', " ").to_lowercase();
                Self::ALL.into_iter().find(|known| known.words().replace('-', " ") == word).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|known| known.words()).collect();
                    let found: String = text.chars().take(60).collect();
                    serde::de::Error::custom(format!(
                        "is \"{found}\"; it must be one of: {}",
                        known.join(", ")
                    ))
                })
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let words: Vec<_> = Self::ALL.iter().map(|known| known.words()).collect();
                schemars::json_schema!({ "type": "string", "enum": words, "x-form": "word" })
            }
        }
    };
}

/// A closed list of words as a type.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $words:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_meta])* #[doc = $words] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they are shown.
            pub const ALL: [Self; [$($words),+].len()] = [$(Self::$variant),+];

            /// In words.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words),+ }
            }
        }

        crate::domain::learning::words::reads_as_words!($name);
    };
}

pub(crate) use {reads_as_words, words};
