"""Guards of groups no CHECK can say, append-only certificates, families of those already known."""

from __future__ import annotations

from django.db import migrations

from bansos.lib.append_only import append_only

GUARDS = """
-- A member lives in the village of the group, and the group has 20 members at most.
CREATE FUNCTION beneficiaries_member_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.left_on IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF (SELECT area_code FROM beneficiaries_payee WHERE id = NEW.group_id)
       <> (SELECT area_code FROM beneficiaries_person WHERE id = NEW.person_id) THEN
        RAISE EXCEPTION 'a member lives in the village of the group'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'member_of_same_village';
    END IF;
    IF (SELECT count(*) FROM beneficiaries_groupmember
        WHERE group_id = NEW.group_id AND left_on IS NULL) > 20 THEN
        RAISE EXCEPTION 'a group has 20 members at most'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'group_at_most_20';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER groupmember_guard AFTER INSERT ON beneficiaries_groupmember
    FOR EACH ROW EXECUTE FUNCTION beneficiaries_member_guard();

-- A checked or active group has five members, an active one an account with two signatories.
CREATE FUNCTION beneficiaries_group_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    standing text;
BEGIN
    IF TG_TABLE_NAME = 'beneficiaries_group' THEN
        wanted := NEW.payee_id;
    ELSE
        wanted := NEW.group_id;
    END IF;
    SELECT state INTO standing FROM beneficiaries_group WHERE payee_id = wanted;
    IF standing IN ('checked', 'active') AND (
        SELECT count(*) FROM beneficiaries_groupmember
        WHERE group_id = wanted AND left_on IS NULL) < 5 THEN
        RAISE EXCEPTION 'a checked group has 5 members at least'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'group_at_least_5';
    END IF;
    IF standing = 'active' AND NOT EXISTS (
        SELECT 1 FROM beneficiaries_bankaccount
        WHERE payee_id = wanted AND state <> 'closed' AND second_signatory_id IS NOT NULL) THEN
        RAISE EXCEPTION 'an active group has an account with two signatories'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'group_account';
    END IF;
    RETURN NULL;
END $$;
-- At the end of the transaction: a replacement leaves and joins in one.
CREATE CONSTRAINT TRIGGER group_guard AFTER INSERT OR UPDATE ON beneficiaries_group
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION beneficiaries_group_guard();
CREATE CONSTRAINT TRIGGER groupmember_left AFTER UPDATE ON beneficiaries_groupmember
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION beneficiaries_group_guard();
"""

UNDO = """
DROP TRIGGER groupmember_left ON beneficiaries_groupmember;
DROP TRIGGER group_guard ON beneficiaries_group;
DROP TRIGGER groupmember_guard ON beneficiaries_groupmember;
DROP FUNCTION beneficiaries_group_guard();
DROP FUNCTION beneficiaries_member_guard();
"""

FAMILIES = """
INSERT INTO beneficiaries_familymember
    (family_id, person_id, came_by, left_by, recorded_at, recorded_by_id)
SELECT family_id, id, 'listed', '', created_at, created_by_id
FROM beneficiaries_person WHERE family_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0002_payees")]

    operations = [
        migrations.RunSQL(GUARDS, UNDO),
        append_only("beneficiaries_accreditation"),
        append_only("beneficiaries_familymove"),
        migrations.RunSQL(FAMILIES, migrations.RunSQL.noop),
    ]
