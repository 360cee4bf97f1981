# Dependabot reads this line; it does not read variables.
FROM python:3.13-slim-trixie AS base

FROM base AS build
WORKDIR /build
RUN python -m venv --without-pip /venv
COPY requirements/runtime.txt .
RUN python -m pip --python /venv/bin/python install --no-cache-dir --no-compile --only-binary :all: --require-hashes -r runtime.txt
COPY tools/trim_image.py .
RUN /venv/bin/python -B trim_image.py
# The action itself is a folder of Python. It is copied into the venv, so there is no build tool that has to be trusted.
COPY cognito_action cognito_action
RUN cp -r cognito_action "$(/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /venv/lib

FROM base
# An action that holds credentials should not contain tools that install software.
RUN python -c "import ensurepip, pip, shutil; [shutil.rmtree(module.__path__[0]) for module in (ensurepip, pip)]" \
    && rm -f /usr/local/bin/pip*
COPY --from=build /venv /venv
COPY entrypoint.py post_entrypoint.py /action/
COPY adopt/entrypoint.py /action/adopt/
COPY delete/entrypoint.py /action/delete/
COPY sweep/entrypoint.py /action/sweep/
# No USER: the runner owns the files that a step writes its outputs and state to, so the action has to be root.
ENTRYPOINT ["/action/entrypoint.py"]
