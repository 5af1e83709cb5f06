CREATE SCHEMA live;
COMMENT ON SCHEMA public IS 'standard public schema';
CREATE TABLE public.account (
    id integer NOT NULL,
    name text NOT NULL,
    display text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    password text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL,
    disabled timestamp with time zone,
    CONSTRAINT account_language_check CHECK ((language = ANY (ARRAY[''::text, 'en'::text, 'fr'::text, 'ar'::text]))),
    CONSTRAINT account_name_check CHECK ((name = lower(name)))
);
ALTER TABLE public.account ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.audit (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    key bigint,
    account integer NOT NULL,
    type smallint,
    role text NOT NULL,
    purpose text NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    resource_id text DEFAULT ''::text NOT NULL,
    shape text DEFAULT ''::text NOT NULL,
    request text DEFAULT ''::text NOT NULL,
    shown bigint[] DEFAULT '{}'::bigint[] NOT NULL
);
ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.batch (
    id integer NOT NULL,
    source text NOT NULL,
    started timestamp with time zone DEFAULT now() NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL,
    finished timestamp with time zone,
    state text DEFAULT 'running'::text NOT NULL,
    attempt integer DEFAULT 1 NOT NULL,
    actor text DEFAULT ''::text NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    stored bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    quarantined bigint DEFAULT 0 NOT NULL,
    CONSTRAINT batch_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text]))),
    CONSTRAINT nothing_is_lost CHECK ((received = ((stored + unchanged) + quarantined)))
);
CREATE TABLE public.batch_duplicate (
    batch integer NOT NULL,
    source text NOT NULL,
    "row" bigint NOT NULL,
    first bigint NOT NULL,
    exact boolean NOT NULL
);
ALTER TABLE public.batch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.batch_reading (
    batch integer NOT NULL,
    mark text NOT NULL,
    mapping text DEFAULT ''::text NOT NULL,
    mapping_text text DEFAULT ''::text NOT NULL,
    rows bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.batch_span (
    batch integer NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    source text NOT NULL
);
CREATE TABLE public.date_value (
    key bigint NOT NULL,
    lo bigint NOT NULL,
    hi bigint NOT NULL,
    param integer NOT NULL
);
CREATE TABLE public.dictionary (
    id integer NOT NULL,
    type smallint NOT NULL,
    version smallint NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    data bytea NOT NULL
);
ALTER TABLE ONLY public.dictionary ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE public.history (
    key bigint NOT NULL,
    updated timestamp with time zone NOT NULL,
    superseded timestamp with time zone NOT NULL,
    tx xid8 DEFAULT pg_current_xact_id() NOT NULL,
    version integer NOT NULL,
    dictionary integer NOT NULL,
    batch integer NOT NULL,
    type smallint NOT NULL,
    deleted boolean NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.history ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE public.job (
    id bigint NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    due timestamp with time zone DEFAULT now() NOT NULL,
    lease timestamp with time zone,
    finished timestamp with time zone,
    done bigint DEFAULT 0 NOT NULL,
    total bigint DEFAULT 0 NOT NULL,
    request jsonb DEFAULT '{}'::jsonb NOT NULL,
    result jsonb DEFAULT '{}'::jsonb NOT NULL,
    issues jsonb DEFAULT '[]'::jsonb NOT NULL,
    owner text DEFAULT ''::text NOT NULL,
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'running'::text, 'done'::text, 'dead'::text, 'cancelled'::text])))
);
ALTER TABLE public.job ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.key_value (
    term bigint NOT NULL,
    key bigint NOT NULL
);
CREATE TABLE public.live_table (
    name text NOT NULL,
    type smallint NOT NULL,
    definition text NOT NULL,
    columns jsonb NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    total bigint DEFAULT 0 NOT NULL,
    built timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT live_table_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'building'::text])))
);
CREATE TABLE public.migration (
    number integer NOT NULL,
    slug text NOT NULL,
    checksum text NOT NULL,
    applied timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.number_value (
    key bigint NOT NULL,
    lo double precision NOT NULL,
    hi double precision NOT NULL,
    param integer NOT NULL,
    unit integer NOT NULL,
    code integer NOT NULL,
    context integer NOT NULL
);
CREATE TABLE public.quarantine (
    id bigint NOT NULL,
    batch integer NOT NULL,
    source text NOT NULL,
    "row" bigint NOT NULL,
    entry integer DEFAULT 0 NOT NULL,
    resources integer DEFAULT 1 NOT NULL,
    type text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL,
    hash bytea NOT NULL,
    issues jsonb NOT NULL,
    record bytea NOT NULL,
    CONSTRAINT quarantine_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text, 'discarded'::text, 'repeated'::text])))
);
ALTER TABLE ONLY public.quarantine ALTER COLUMN record SET STORAGE EXTERNAL;
CREATE TABLE public.quarantine_event (
    id bigint NOT NULL,
    quarantine bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    issues jsonb DEFAULT '[]'::jsonb NOT NULL,
    record bytea,
    CONSTRAINT quarantine_event_action_check CHECK ((action = ANY (ARRAY['corrected'::text, 'resubmitted'::text, 'resolved'::text, 'discarded'::text])))
);
ALTER TABLE public.quarantine_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.quarantine_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.quarantine ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.resource (
    key bigint NOT NULL,
    updated timestamp with time zone NOT NULL,
    tx xid8 DEFAULT pg_current_xact_id() NOT NULL,
    hash bigint NOT NULL,
    version integer NOT NULL,
    dictionary integer DEFAULT 0 NOT NULL,
    batch integer DEFAULT 0 NOT NULL,
    type smallint NOT NULL,
    deleted boolean DEFAULT false NOT NULL,
    id text NOT NULL,
    body bytea NOT NULL,
    terms bigint[] DEFAULT '{}'::bigint[] NOT NULL
);
ALTER TABLE ONLY public.resource ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.resource ALTER COLUMN terms SET STORAGE EXTERNAL;
CREATE TABLE public.role_assignment (
    id integer NOT NULL,
    account integer NOT NULL,
    role text NOT NULL,
    place_kind text NOT NULL,
    place_code text DEFAULT ''::text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    until timestamp with time zone,
    given_by text DEFAULT ''::text NOT NULL,
    CONSTRAINT role_assignment_check CHECK (((place_kind = 'national'::text) = (place_code = ''::text))),
    CONSTRAINT role_assignment_place_kind_check CHECK ((place_kind = ANY (ARRAY['national'::text, 'region'::text, 'province'::text, 'facility'::text])))
);
ALTER TABLE public.role_assignment ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.role_assignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.setting (
    name text NOT NULL,
    value jsonb NOT NULL,
    changed timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.sign_in_attempt (
    subject text NOT NULL,
    failures integer NOT NULL,
    last timestamp with time zone NOT NULL,
    blocked_until timestamp with time zone NOT NULL
);
CREATE TABLE public.string_value (
    key bigint NOT NULL,
    param integer NOT NULL,
    folded text NOT NULL COLLATE pg_catalog."C",
    exact text COLLATE pg_catalog."C"
);
CREATE TABLE public.text_value (
    term bigint NOT NULL,
    param integer NOT NULL,
    folded text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.token (
    hash bytea NOT NULL,
    account integer NOT NULL,
    kind text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    expires timestamp with time zone NOT NULL,
    revoked timestamp with time zone,
    CONSTRAINT token_kind_check CHECK ((kind = ANY (ARRAY['session'::text, 'api'::text])))
);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_name_key UNIQUE (name);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.batch_duplicate
    ADD CONSTRAINT batch_duplicate_pkey PRIMARY KEY (batch, source, "row", first);
ALTER TABLE ONLY public.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.batch_reading
    ADD CONSTRAINT batch_reading_pkey PRIMARY KEY (batch);
ALTER TABLE ONLY public.dictionary
    ADD CONSTRAINT dictionary_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.dictionary
    ADD CONSTRAINT dictionary_type_version_key UNIQUE (type, version);
ALTER TABLE ONLY public.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (key, version);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.live_table
    ADD CONSTRAINT live_table_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.quarantine_event
    ADD CONSTRAINT quarantine_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.resource
    ADD CONSTRAINT resource_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.role_assignment
    ADD CONSTRAINT role_assignment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.sign_in_attempt
    ADD CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (hash);
CREATE INDEX audit_account ON public.audit USING btree (account, id);
CREATE INDEX audit_at ON public.audit USING brin (at) WITH (pages_per_range='32');
CREATE INDEX audit_key ON public.audit USING btree (key, id) WHERE (key IS NOT NULL);
CREATE INDEX audit_shown ON public.audit USING gin (shown) WHERE (shown <> '{}'::bigint[]);
CREATE INDEX batch_source ON public.batch USING btree (source, id);
CREATE INDEX batch_span_of ON public.batch_span USING btree (batch);
CREATE INDEX date_value_key ON public.date_value USING btree (key);
CREATE INDEX date_value_lo ON public.date_value USING btree (param, lo);
CREATE INDEX date_value_long ON public.date_value USING btree (param, hi) WHERE ((hi - lo) >= '86400000000'::bigint);
CREATE INDEX history_tx ON public.history USING btree (tx);
CREATE INDEX history_updated ON public.history USING btree (type, updated);
CREATE INDEX job_due ON public.job USING btree (due) WHERE (state = ANY (ARRAY['ready'::text, 'running'::text]));
CREATE INDEX key_value_key ON public.key_value USING btree (key);
CREATE INDEX key_value_term ON public.key_value USING btree (term, key);
CREATE INDEX number_value_key ON public.number_value USING btree (key);
CREATE INDEX number_value_lo ON public.number_value USING btree (param, context, lo);
CREATE INDEX number_value_range ON public.number_value USING btree (param, hi) WHERE (hi > lo);
CREATE INDEX quarantine_batch ON public.quarantine USING btree (batch);
CREATE INDEX quarantine_event_of ON public.quarantine_event USING btree (quarantine, id);
CREATE INDEX quarantine_open ON public.quarantine USING btree (hash, source, "row", entry) WHERE (state = 'open'::text);
CREATE INDEX quarantine_state ON public.quarantine USING btree (state, id);
CREATE INDEX resource_terms ON public.resource USING gin (terms) WITH (gin_pending_list_limit='512');
CREATE INDEX resource_tx ON public.resource USING btree (tx);
CREATE INDEX resource_type ON public.resource USING btree (type, key) WHERE (NOT deleted);
CREATE INDEX resource_updated ON public.resource USING btree (type, updated);
CREATE UNIQUE INDEX role_assignment_current ON public.role_assignment USING btree (account) WHERE (until IS NULL);
CREATE INDEX string_value_folded ON public.string_value USING btree (param, "left"(folded, 64));
CREATE INDEX string_value_key ON public.string_value USING btree (key);
CREATE INDEX text_value_folded ON public.text_value USING btree (param, "left"(folded, 64));
CREATE INDEX text_value_term ON public.text_value USING btree (param, term);
CREATE INDEX token_account ON public.token USING btree (account, kind);
CREATE INDEX token_expires ON public.token USING btree (expires);
ALTER TABLE ONLY public.batch_duplicate
    ADD CONSTRAINT batch_duplicate_batch_fkey FOREIGN KEY (batch) REFERENCES public.batch(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.batch_reading
    ADD CONSTRAINT batch_reading_batch_fkey FOREIGN KEY (batch) REFERENCES public.batch(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.batch_span
    ADD CONSTRAINT batch_span_batch_fkey FOREIGN KEY (batch) REFERENCES public.batch(id);
ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT quarantine_batch_fkey FOREIGN KEY (batch) REFERENCES public.batch(id);
ALTER TABLE ONLY public.quarantine_event
    ADD CONSTRAINT quarantine_event_quarantine_fkey FOREIGN KEY (quarantine) REFERENCES public.quarantine(id);
ALTER TABLE ONLY public.role_assignment
    ADD CONSTRAINT role_assignment_account_fkey FOREIGN KEY (account) REFERENCES public.account(id);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_account_fkey FOREIGN KEY (account) REFERENCES public.account(id);
