-- What waits for a partner or because of it, in seven lists.  Every statement runs in a snapshot of the served build.

-- name: listed
-- A referral may stand in more than one list; `key` is what a list goes by.
with found as (
    {found}
),
timed as (
    select f.id, f.record, f.state, f.sender, f.status, f.detail, f.loop, f.respond_by, f.closed_at, f.acknowledged_at,
        f.requested_at, coalesce(f.started_at, f.responded_at, f.requested_at) as since,
        {mine} as mine, {asked} as asked, {taken} as taken, {due} as due, {first} as first, {late} as late, {again} as again,
        {unseen} as unseen
    from found f
    where not f.erased
    -- What is read of a state is read once for all lists.
    offset 0
),
listed as (
    select t.id, t.record, t.state, l.list, l.key
    from timed t,
    lateral (values
        -- A wish to cancel may have come without a deadline.
        ('answer', t.asked and t.mine, coalesce(t.due, t.respond_by)),
        ('taken', t.taken and t.mine, coalesce(t.due, t.since)),
        ('waiting', (t.asked or t.taken) and not t.mine,
            coalesce(t.due, case when t.asked then t.respond_by else t.since end)),
        ('overdue', t.late, coalesce(t.first, case t.detail when 'cancel-unanswered' then t.closed_at else t.respond_by end)),
        -- Its sender knows of what it took back or gave up itself, and not of how another of its offers ended.
        ('ended', t.unseen is not null or t.sender = $2 and t.status <> 'entered-in-error' and t.detail <> 'recalled'
            and t.closed_at is not null and t.acknowledged_at is null and t.loop in ('open', 'closed-served'),
            coalesce(t.unseen, t.closed_at)),
        ('again', t.again, t.closed_at),
        -- Nobody was asked yet, or another offer is in preparation.
        ('unsent', t.sender = $2 and (t.loop = 'not-opened' or t.loop = 'open' and exists (
            select from jsonb_array_elements(t.state::jsonb -> 'drafts') d (value)
            where d.value -> 'discarded' is null
        )), t.requested_at)
    ) l (list, belongs, key)
    where l.belongs
)

-- name: counts
select list, count(*) as count from listed group by list;

-- name: page
, page as (
    select l.id, l.record, l.key, l.state
    from listed l
    where l.list = $7 and ($8::timestamptz is null or (l.key, l.id) > ($8, $9::text::uuid))
    order by l.key, l.id
    limit $10
)
select p.id::text as id, p.record::text as record, p.key, p.state, c.state as client
from page p
join client c on c.initiative = $1 and c.record = p.record and c.id = p.record
order by p.key, p.id;
