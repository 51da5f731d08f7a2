//! Which node has which session.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::database::Node;

/// The nodes of the shards of `sessions`, by the hash values of keys. May be out of date: whoever
/// uses it has to be right wherever a session is.
pub(super) struct ShardMap {
    /// The smallest hash value of each shard and the group of its node, in order.
    shards: Vec<(i32, i32)>,
    /// The nodes that may be connected to, without the coordinator.
    nodes: Vec<Arc<Node>>,
}

/// Where a session is.
pub(in crate::repository) struct Place {
    /// The group of its node: a number that stays with the node.
    pub group: i32,
    /// The node, if it is not the coordinator.
    pub node: Option<Arc<Node>>,
}

impl ShardMap {
    /// Reads the map from the catalogs of Citus.
    pub async fn read(
        connection: &mut PgConnection,
        nodes: Vec<Arc<Node>>,
    ) -> Result<Self, sqlx::Error> {
        // Not checked at compile time: these tables come with the extension. A shard has one
        // placement, unless Citus replicates it.
        let shards = sqlx::query_as(
            "SELECT s.shardminvalue::integer, min(p.groupid) \
             FROM pg_dist_shard AS s JOIN pg_dist_placement AS p USING (shardid) \
             WHERE s.logicalrelid = 'public.sessions'::regclass AND p.shardstate = 1 \
             GROUP BY s.shardminvalue ORDER BY 1",
        );
        Ok(Self { shards: shards.fetch_all(connection).await?, nodes })
    }

    /// Where the session with this key is.
    pub fn place_of(&self, session: Uuid) -> Place {
        let hash = uuid_hash(session);
        let following = self.shards.partition_point(|(smallest, _)| *smallest <= hash);
        let group = following.checked_sub(1).map_or(0, |index| self.shards[index].1);
        let node = self.nodes.iter().find(|node| node.group() == group);
        Place { group, node: node.map(Arc::clone) }
    }

    pub fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }
}

/// The workers of the cluster. One whose address has not changed is the object in `known`.
pub(super) async fn read_nodes(
    connection: &mut PgConnection,
    known: &[Arc<Node>],
) -> Result<Vec<Arc<Node>>, sqlx::Error> {
    // Not checked at compile time: the table comes with the extension.
    let nodes = sqlx::query_as::<_, (i32, String, i32, bool)>(
        "SELECT groupid, nodename, nodeport, hasmetadata AND metadatasynced FROM pg_dist_node \
         WHERE isactive AND noderole = 'primary' AND groupid <> 0",
    );
    let nodes = nodes.fetch_all(connection).await?.into_iter();
    let nodes = nodes.filter_map(|(group, host, port, has_metadata)| {
        let port = u16::try_from(port).ok()?;
        let is_same = |node: &&Arc<Node>| node.is_at(group, &host, port);
        let node = known.iter().find(is_same).map(Arc::clone);
        let node = node.unwrap_or_else(|| Arc::new(Node::new(group, host, port)));
        if !has_metadata {
            // It may not know where shards are. The check says why it is not used.
            node.suspend();
        }
        Some(node)
    });
    Ok(nodes.collect())
}

/// The hash value by which Citus assigns a row to a shard: Postgres' `uuid_hash`, which is Bob
/// Jenkins' lookup3 with a start value of its own (hashfn.c). A server with big-endian words gives
/// other values, which puts sessions of several nodes into a batch.
fn uuid_hash(key: Uuid) -> i32 {
    let word = |index: usize| {
        let (words, _) = key.as_bytes().as_chunks::<4>();
        u32::from_le_bytes(words[index])
    };
    let start = 0x9e37_79b9_u32.wrapping_add(16).wrapping_add(3_923_095);
    let mut state = [0, 1, 2].map(|index| start.wrapping_add(word(index)));
    // The step of lookup3's mix(), on three words in turn.
    for (step, bits) in [4, 6, 8, 16, 19, 4].into_iter().enumerate() {
        let [a, b, c] = [0, 1, 2].map(|offset| (step + offset) % 3);
        state[a] = state[a].wrapping_sub(state[c]) ^ state[c].rotate_left(bits);
        state[c] = state[c].wrapping_add(state[b]);
    }
    state[0] = state[0].wrapping_add(word(3));
    // That of its final().
    for (step, bits) in [14, 11, 25, 16, 4, 14, 24].into_iter().enumerate() {
        let [target, source] = [step + 2, step + 1].map(|index| index % 3);
        state[target] =
            (state[target] ^ state[source]).wrapping_sub(state[source].rotate_left(bits));
    }
    state[2].cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_values_are_those_of_postgres() {
        // SELECT uuid_hash('…'), Postgres 15.
        for (key, hash) in [
            (0xb3230991fc268111c2912d432d9e9d1b, -2_130_080_987),
            (0x00000000000000000000000000000000, 1_353_656_403),
            (0xffffffffffffffffffffffffffffffff, -682_383_255),
            (0x000102030405060708090a0b0c0d0e0f, -1_339_686_672),
        ] {
            assert_eq!(uuid_hash(Uuid::from_u128(key)), hash, "{key:x}");
        }
    }
}
